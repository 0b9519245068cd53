import { lengthen } from './columns.js';
import type { CallRecord } from './records.js';

/** What is remembered of a call that was answered. */
export interface FirstCall extends Pick<CallRecord, 'endMs' | 'traceId' | 'spanId' | 'feature'> {
  readonly costPicoUsd: number;
}

/** No call. */
const NONE = -1;
const FIRST_CAPACITY = 1_024;
/** Numbers of 32 bits in the ids of a trace and a span together. */
const ID_NUMBERS = 6;
const IDS = /^[0-9a-f]{48}$/;
/** Texts that calls share; all calls together have few, and one that has many must not fill the memory. */
const MAX_SHARED_TEXTS = 10_000;

/**
 * The first answered call of each question of each open task, by model and digest, in columns and lists: with three calls a task there are more of
 * them than of anything else.
 */
export class FirstCallTable {
  readonly #digests: string[] = [];
  readonly #models: string[] = [];
  readonly #features: string[] = [];
  readonly #free: number[] = [];
  readonly #texts = new Map<string, string>();
  /** Ids that are no hexadecimal digits of the usual length, by row. */
  readonly #otherIds = new Map<number, Pick<FirstCall, 'traceId' | 'spanId'>>();
  #ids = new Uint32Array(FIRST_CAPACITY * ID_NUMBERS);
  #endMs = new Float64Array(FIRST_CAPACITY);
  #costPicoUsd = new Float64Array(FIRST_CAPACITY);
  #nexts = new Int32Array(FIRST_CAPACITY);
  /** By row of the task; 0 is none, so that a row is one more here. */
  #heads = new Int32Array(FIRST_CAPACITY);

  /** Of the task in this row. */
  find(task: number, key: string): FirstCall | undefined {
    const row = this.#find(task, key);
    return row === NONE ? undefined : this.#read(row);
  }

  countOf(task: number): number {
    let count = 0;
    for (let row = this.#headOf(task); row !== NONE; row = this.#nexts[row]!) count += 1;
    return count;
  }

  /** In the order in which their questions were first asked. */
  *entries(task: number): IterableIterator<[key: string, call: FirstCall]> {
    for (let row = this.#headOf(task); row !== NONE; row = this.#nexts[row]!)
      yield [`${this.#models[row]}\u0000${this.#digests[row]}`, this.#read(row)];
  }

  /** The call is the first of its question from now on. */
  set(task: number, key: string, call: FirstCall): void {
    const known = this.#find(task, key);
    this.#write(known === NONE ? this.#append(task, key) : known, call);
  }

  forget(task: number): void {
    for (let row = this.#headOf(task); row !== NONE; row = this.#nexts[row]!) {
      this.#digests[row] = '';
      this.#otherIds.delete(row);
      this.#free.push(row);
    }
    if (task < this.#heads.length) this.#heads[task] = 0;
  }

  #headOf(task: number): number {
    return (this.#heads[task] ?? 0) - 1;
  }

  #find(task: number, key: string): number {
    for (let row = this.#headOf(task); row !== NONE; row = this.#nexts[row]!)
      if (this.#isOf(row, key)) return row;
    return NONE;
  }

  #isOf(row: number, key: string): boolean {
    const [model, digest] = [this.#models[row]!, this.#digests[row]!];
    return (
      key.length === model.length + 1 + digest.length &&
      key.endsWith(digest) &&
      key.startsWith(model) &&
      key.charCodeAt(model.length) === 0
    );
  }

  #append(task: number, key: string): number {
    const at = key.indexOf('\u0000');
    const row = this.#free.pop() ?? this.#digests.length;
    if (row === this.#nexts.length) this.#grow();
    this.#digests[row] = copyText(key.slice(at + 1));
    this.#models[row] = this.#share(key.slice(0, at));
    this.#nexts[row] = NONE;
    let last = this.#headOf(task);
    if (last === NONE) this.#setHead(task, row);
    else {
      while (this.#nexts[last] !== NONE) last = this.#nexts[last]!;
      this.#nexts[last] = row;
    }
    return row;
  }

  #setHead(task: number, row: number): void {
    while (task >= this.#heads.length) this.#heads = lengthen(this.#heads, this.#heads.length * 2);
    this.#heads[task] = row + 1;
  }

  #read(row: number): FirstCall {
    const ids = this.#otherIds.get(row) ?? this.#readIds(row * ID_NUMBERS);
    const [endMs, costPicoUsd] = [this.#endMs[row]!, this.#costPicoUsd[row]!];
    return { endMs, ...ids, feature: this.#features[row]!, costPicoUsd };
  }

  #readIds(at: number): Pick<FirstCall, 'traceId' | 'spanId'> {
    const hex = (place: number): string => this.#ids[at + place]!.toString(16).padStart(8, '0');
    return { traceId: hex(0) + hex(1) + hex(2) + hex(3), spanId: hex(4) + hex(5) };
  }

  #write(row: number, { endMs, traceId, spanId, feature, costPicoUsd }: FirstCall): void {
    this.#endMs[row] = endMs;
    this.#costPicoUsd[row] = costPicoUsd;
    this.#features[row] = this.#share(feature);
    this.#otherIds.delete(row);
    const hex = traceId + spanId;
    if (traceId.length !== 32 || !IDS.test(hex)) {
      this.#otherIds.set(row, { traceId, spanId });
      return;
    }
    for (let place = 0; place < ID_NUMBERS; place += 1)
      this.#ids[row * ID_NUMBERS + place] = Number.parseInt(hex.slice(place * 8, place * 8 + 8), 16);
  }

  #share(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MAX_SHARED_TEXTS) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  #grow(): void {
    const to = this.#nexts.length * 2;
    this.#ids = lengthen(this.#ids, to * ID_NUMBERS);
    this.#endMs = lengthen(this.#endMs, to);
    this.#costPicoUsd = lengthen(this.#costPicoUsd, to);
    this.#nexts = lengthen(this.#nexts, to);
  }
}

/** A text of its own: a part of another text would keep all of that in memory. */
const copyText = (text: string): string => Array.from(text).join('');
