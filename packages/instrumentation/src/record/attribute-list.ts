import type { SpanAttributes } from '../provider.js';

export type AttributeValue = NonNullable<SpanAttributes[string]>;

/**
 * The attributes of one span while it is recorded, in the order in which they came. A list, because an object of
 * thirty computed names becomes a hash table in V8: building, merging and walking it took half of a call's overhead.
 */
export class AttributeList {
  readonly #names: string[] = [];
  readonly #values: AttributeValue[] = [];

  static from(attributes: SpanAttributes): AttributeList {
    const list = new AttributeList();
    for (const name in attributes) list.add(name, attributes[name]);
    return list;
  }

  /** Adds an attribute that is not there yet; `undefined` is none. */
  add(name: string, value: AttributeValue | undefined): void {
    if (value === undefined) return;
    this.#names.push(name);
    this.#values.push(value);
  }

  /** Adds those whose names are not there yet. */
  fill(attributes: SpanAttributes | undefined): void {
    for (const name in attributes) {
      const value = attributes[name];
      if (value !== undefined && !this.#names.includes(name)) this.add(name, value);
    }
  }

  get size(): number {
    return this.#names.length;
  }

  /** The names of those from `from` on, in their order. */
  namesFrom(from: number): readonly string[] {
    return this.#names.slice(from);
  }

  /** Visits them in their order, those before `from` left out. */
  forEach(visit: (name: string, value: AttributeValue) => void, from = 0): void {
    for (let index = from; index < this.#names.length; index += 1) {
      visit(this.#names[index]!, this.#values[index]!);
    }
  }

  /** As OpenTelemetry's interfaces take attributes. */
  toRecord(): Record<string, AttributeValue> {
    const record: Record<string, AttributeValue> = {};
    this.forEach((name, value) => {
      record[name] = value;
    });
    return record;
  }
}
