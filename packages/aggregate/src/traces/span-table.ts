import type { Weight } from '../read/weight.js';
import { lengthen, NONE } from '../rows/columns.js';
import { HashedRows } from '../rows/hashed-rows.js';
import { IdColumn, type ReadId, readId, SPAN_ID, TRACE_ID } from '../rows/ids.js';
import { hashNumber } from '../rows/row-hashes.js';

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
/** Of a row in no use. */
const FORGOTTEN = 3;

/** What is asked of whoever keeps something of spans by their rows. */
export interface RowOwner {
  /** Whether something of the row is to be remembered, which lets it stay as if it were new. Of half of all at most. */
  isKept(row: number): boolean;
  /** The row will be another span's. */
  onForget(row: number): void;
}

/**
 * The places of spans in their traces, some 50 bytes each. A row is a span's until {@link forgetOldest} takes it:
 * between two calls of that a row may be held on to.
 */
export class SpanTable {
  readonly #limit: number;
  readonly #owner: RowOwner;
  readonly #rows = new HashedRows();
  readonly #spans = new IdColumn(SPAN_ID, this.#rows.capacity);
  readonly #traces = new IdColumn(TRACE_ID, this.#rows.capacity);
  readonly #parents = new IdColumn(SPAN_ID, this.#rows.capacity);
  /** Where the row of the parent was found the last time; it may be another span's by now. */
  #parentRows = new Int32Array(this.#rows.capacity);
  #places = new Uint8Array(this.#rows.capacity);
  #own = new Uint8Array(this.#rows.capacity);
  #inside = new Uint8Array(this.#rows.capacity);

  /** `limit`: spans that are remembered. */
  constructor(limit: number, owner: RowOwner) {
    this.#limit = limit;
    this.#owner = owner;
  }

  find(traceId: string, spanId: string): number {
    const row = this.findSpan(spanId);
    return row !== NONE && this.#traces.has(row, readId(traceId, TRACE_ID)) ? row : NONE;
  }

  /** The span of this id, in whatever trace. */
  findSpan(spanId: string): number {
    return this.#find(readId(spanId, SPAN_ID));
  }

  /** Its row, made when it is new. Of spans of one id in two traces the newer one is known. */
  at(traceId: string, spanId: string): number {
    const span = readId(spanId, SPAN_ID);
    const trace = readId(traceId, TRACE_ID);
    const known = this.#find(span);
    if (known !== NONE && this.#traces.has(known, trace)) return known;
    const row = known === NONE ? this.#add(span) : this.#renew(known);
    this.#traces.put(row, trace);
    this.#parentRows[row] = row;
    this.#places[row] = NOTHING;
    this.#own[row] = 0;
    this.#inside[row] = 0;
    return row;
  }

  spanIdOf(row: number): string {
    return this.#spans.at(row);
  }
  traceIdOf(row: number): string {
    return this.#traces.at(row);
  }

  /** Of every row, as they are now. */
  copyIds(): IdColumn {
    return this.#spans.copy();
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
    const high = this.#parents.wordAt(row, 0);
    const low = this.#parents.wordAt(row, 1);
    const last = this.#parentRows[row]!;
    const isThere = this.#places[last] !== FORGOTTEN && this.#isSpan(last, high, low);
    const parent = isThere ? last : this.#findWords(high, low);
    if (parent === NONE || !this.#traces.isSame(parent, row)) return NONE;
    this.#parentRows[row] = parent;
    return parent;
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
    const rows = this.#rows;
    while (rows.size > this.#limit) {
      const row = rows.oldest;
      if (this.#owner.isKept(row)) rows.renew(row);
      else this.#forget(row);
    }
  }

  /** Every span as it is now, oldest first: numbers are copied at once, texts are made of them one by one. */
  readState(): IterableIterator<SpanNodeState> {
    return readRows(this.#rows.list(), {
      spanIds: this.#spans.copy(),
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

  #forget(row: number): void {
    this.#owner.onForget(row);
    this.#spans.forget(row);
    this.#traces.forget(row);
    this.#parents.forget(row);
    this.#places[row] = FORGOTTEN;
    this.#rows.remove(row);
  }

  #add(span: ReadId): number {
    const row = this.#rows.add(hashNumber(span.words[0]!, span.words[1]!));
    if (this.#rows.capacity > this.#places.length) this.#lengthen(this.#rows.capacity);
    this.#spans.put(row, span);
    return row;
  }

  /** Of the span that had the same id nothing is known any more. */
  #renew(row: number): number {
    this.#owner.onForget(row);
    this.#rows.renew(row);
    return row;
  }

  #find({ words }: ReadId): number {
    return this.#findWords(words[0]!, words[1]!);
  }

  #findWords(high: number, low: number): number {
    const hash = hashNumber(high, low);
    let row = this.#rows.first(hash);
    while (row !== NONE && !this.#isSpan(row, high, low)) row = this.#rows.next(hash);
    return row;
  }

  #isSpan(row: number, high: number, low: number): boolean {
    return this.#spans.wordAt(row, 0) === high && this.#spans.wordAt(row, 1) === low;
  }

  #lengthen(to: number): void {
    for (const ids of [this.#spans, this.#traces, this.#parents]) ids.lengthen(to);
    this.#parentRows = lengthen(this.#parentRows, to);
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

function* readRows(rows: Iterable<number>, columns: SpanColumns): IterableIterator<SpanNodeState> {
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
