import { SpanBatch } from './otlp-json.js';
import type { OwnSpan } from './own-span.js';

/** A batch is sent before it has its number of spans when it is this large: receivers refuse bodies of more than some megabytes. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

export interface SpanQueueOptions {
  /** Most spans that wait; what comes beyond them is refused. */
  readonly maxSpans: number;
  /** Most spans of one body. */
  readonly maxBatch: number;
  /** Attributes of the resource, asked for once a batch. */
  readonly readResource: () => Readonly<Record<string, unknown>>;
}

/** OTLP of some spans. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly count: number;
}

const HEAD = Buffer.from('{"resourceSpans":[');
const COMMA = Buffer.from(',');
const TAIL = Buffer.from(']}');

/** Finished spans on their way out, as the bodies of the requests that will carry them. */
export class SpanQueue {
  readonly #options: SpanQueueOptions;
  readonly #batch = new SpanBatch();
  /** Full bodies, oldest first. */
  #bodies: Body[] = [];
  #waiting = 0;
  /** Bodies of other threads, which become one. */
  #encoded: Body[] = [];
  #encodedCount = 0;
  #encodedBytes = 0;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  /** Spans that wait. */
  get size(): number {
    return this.#waiting + this.#batch.count + this.#encodedCount;
  }

  /** True when a whole body waits. */
  get isDue(): boolean {
    return this.#bodies.length > 0;
  }

  /** Encodes a span; false when there is no room for it. */
  add(span: OwnSpan): boolean {
    if (this.size >= this.#options.maxSpans) return false;
    this.#batch.add(span);
    if (this.#batch.count >= this.#options.maxBatch || this.#batch.byteLength >= MAX_BATCH_BYTES)
      this.#close();
    return true;
  }

  /** Takes spans that another thread has encoded; false when there is no room for them. */
  addEncoded(body: Body): boolean {
    if (this.size + body.count > this.#options.maxSpans) return false;
    this.#encoded.push(body);
    this.#encodedCount += body.count;
    this.#encodedBytes += body.bytes.length;
    if (this.#encodedCount >= this.#options.maxBatch || this.#encodedBytes >= MAX_BATCH_BYTES)
      this.#closeEncoded();
    return true;
  }

  /** The next body, full or not; `undefined` when nothing waits. */
  take(): Body | undefined {
    if (this.#bodies.length === 0) this.#close();
    if (this.#bodies.length === 0) this.#closeEncoded();
    const body = this.#bodies.shift();
    this.#waiting -= body?.count ?? 0;
    return body;
  }

  #closeEncoded(): void {
    if (this.#encodedCount === 0) return;
    const parts = this.#encoded.flatMap(({ bytes }, index) => {
      const inner = bytes.subarray(HEAD.length, bytes.length - TAIL.length);
      return index === 0 ? [inner] : [COMMA, inner];
    });
    this.#bodies.push({ bytes: Buffer.concat([HEAD, ...parts, TAIL]), count: this.#encodedCount });
    this.#waiting += this.#encodedCount;
    this.#encoded = [];
    this.#encodedCount = this.#encodedBytes = 0;
  }

  #close(): void {
    const { count } = this.#batch;
    if (count === 0) return;
    this.#bodies.push({ bytes: this.#batch.take(this.#options.readResource()), count });
    this.#waiting += count;
  }
}
