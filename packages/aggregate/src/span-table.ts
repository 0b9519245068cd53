import { lengthen, NONE } from './columns.js';
import { IdColumn, SPAN_ID, TRACE_ID } from './ids.js';
import { SpanIndex } from './span-index.js';
import type { Weight } from './weight.js';

/** A span of which something is known: its place, or only that it is around another one. */
export interface SpanNodeState {
  readonly spanId: string;
  readonly traceId: string;
  /** Empty at the root; undefined while the span itself has not come. */
  readonly parentSpanId: string | undefined;
  /** The call that was counted for this span. */
  readonly own: Weight;
  /** The heaviest call that was counted inside it. */
  readonly inside: Weight;
}

/** What is known of where a span stands. */
const NOTHING = 0;
const AT_ROOT = 1;
const INSIDE_ANOTHER = 2;

/**
 * The places of spans in their traces, some 50 bytes each. A row is a span's until {@link forgetOldest} takes it:
 * between two calls of that a row may be held on to.
 */
export class SpanTable {
  readonly #limit: number;
  readonly #spans = new SpanIndex();
  readonly #traces: IdColumn;
  readonly #parents: IdColumn;
  #places: Uint8Array;
  #own: Uint8Array;
  #inside: Uint8Array;
  readonly #onForget: (row: number) => void;

  /** `limit`: spans that are remembered; `onForget` is told of each row that will be another span's. */
  constructor(limit: number, onForget: (row: number) => void) {
    const { capacity } = this.#spans.rows;
    this.#limit = limit;
    this.#onForget = onForget;
    this.#traces = new IdColumn(TRACE_ID, capacity);
    this.#parents = new IdColumn(SPAN_ID, capacity);
    this.#places = new Uint8Array(capacity);
    this.#own = new Uint8Array(capacity);
    this.#inside = new Uint8Array(capacity);
  }

  /** By row. */
  get spanIds(): IdColumn {
    return this.#spans.ids;
  }
  get traceIds(): IdColumn {
    return this.#traces;
  }

  find(traceId: string, spanId: string): number {
    const row = this.#spans.find(spanId);
    return row !== NONE && this.#traces.is(row, traceId) ? row : NONE;
  }

  /** Its row, made when it is new. Of spans of one id in two traces the newer one is known. */
  at(traceId: string, spanId: string): number {
    const known = this.#spans.find(spanId);
    if (known !== NONE && this.#traces.is(known, traceId)) return known;
    const row = this.#begin(known, spanId);
    this.#traces.set(row, traceId);
    return row;
  }

  hasCome(row: number): boolean {
    return this.#places[row] !== NOTHING;
  }

  isRoot(row: number): boolean {
    return this.#places[row] === AT_ROOT;
  }

  /** `parentSpanId`: empty at the root. */
  setParent(row: number, parentSpanId: string): void {
    this.#places[row] = parentSpanId === '' ? AT_ROOT : INSIDE_ANOTHER;
    if (parentSpanId !== '') this.#parents.set(row, parentSpanId);
  }

  /** The span around it; {@link NONE} where there is none, or nothing is known of it. */
  parentOf(row: number): number {
    if (this.#places[row] !== INSIDE_ANOTHER) return NONE;
    const parent = this.#spans.findOf(this.#parents, row);
    return parent !== NONE && this.#traces.isSame(parent, row) ? parent : NONE;
  }

  /** The span around one that has come and is no root, made when it is new. */
  parentAt(row: number): number {
    const known = this.parentOf(row);
    return known === NONE ? this.at(this.#traces.at(row), this.#parents.at(row)) : known;
  }

  ownOf(row: number): Weight {
    return this.#own[row] as Weight;
  }
  setOwn(row: number, weight: Weight): void {
    this.#own[row] = weight;
  }

  insideOf(row: number): Weight {
    return this.#inside[row] as Weight;
  }
  setInside(row: number, weight: Weight): void {
    this.#inside[row] = weight;
  }

  /** Forgets what is beyond the limit. */
  forgetOldest(): void {
    const { rows } = this.#spans;
    while (rows.size > this.#limit) {
      this.#onForget(rows.oldest);
      this.#traces.forget(rows.oldest);
      this.#parents.forget(rows.oldest);
      this.#spans.removeOldest();
    }
  }

  /** Every span as it is now, oldest first: numbers are copied at once, texts are made of them one by one. */
  readState(): IterableIterator<SpanNodeState> {
    return readRows(this.#spans.rows.list(), {
      spanIds: this.#spans.ids.copy(),
      traceIds: this.#traces.copy(),
      parentIds: this.#parents.copy(),
      places: this.#places.slice(),
      own: this.#own.slice(),
      inside: this.#inside.slice(),
    });
  }

  restore({ spanId, traceId, parentSpanId, own, inside }: SpanNodeState): void {
    const row = this.at(traceId, spanId);
    if (parentSpanId !== undefined) this.setParent(row, parentSpanId);
    this.setOwn(row, own);
    this.setInside(row, inside);
    this.forgetOldest();
  }

  /** A row with nothing but an id: of the one that had the same, if any, nothing is known any more. */
  #begin(known: number, spanId: string): number {
    let row = known;
    if (known === NONE) {
      row = this.#spans.add(spanId);
      if (this.#spans.rows.capacity > this.#places.length) this.#lengthen(this.#spans.rows.capacity);
    } else {
      this.#onForget(known);
      this.#spans.rows.renew(known);
    }
    this.#places[row] = NOTHING;
    this.#own[row] = 0;
    this.#inside[row] = 0;
    return row;
  }

  #lengthen(to: number): void {
    this.#traces.lengthen(to);
    this.#parents.lengthen(to);
    this.#places = lengthen(this.#places, to);
    this.#own = lengthen(this.#own, to);
    this.#inside = lengthen(this.#inside, to);
  }
}

interface SpanColumns {
  readonly spanIds: IdColumn;
  readonly traceIds: IdColumn;
  readonly parentIds: IdColumn;
  readonly places: Uint8Array;
  readonly own: Uint8Array;
  readonly inside: Uint8Array;
}

function* readRows(rows: Int32Array, columns: SpanColumns): IterableIterator<SpanNodeState> {
  const { spanIds, traceIds, parentIds, places, own, inside } = columns;
  for (const row of rows)
    yield {
      spanId: spanIds.at(row),
      traceId: traceIds.at(row),
      parentSpanId: places[row] === NOTHING ? undefined : places[row] === AT_ROOT ? '' : parentIds.at(row),
      own: own[row] as Weight,
      inside: inside[row] as Weight,
    };
}
