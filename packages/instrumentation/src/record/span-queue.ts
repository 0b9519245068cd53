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

interface Body {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** Finished spans on their way out, as the bodies of the requests that will carry them. */
export class SpanQueue {
  readonly #options: SpanQueueOptions;
  readonly #batch = new SpanBatch();
  /** Full bodies, oldest first. */
  #bodies: Body[] = [];
  #waiting = 0;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  /** Spans that wait. */
  get size(): number {
    return this.#waiting + this.#batch.count;
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

  /** The next body, full or not; `undefined` when nothing waits. */
  take(): Uint8Array | undefined {
    if (this.#bodies.length === 0) this.#close();
    const body = this.#bodies.shift();
    this.#waiting -= body?.count ?? 0;
    return body?.bytes;
  }

  #close(): void {
    const { count } = this.#batch;
    if (count === 0) return;
    this.#bodies.push({ bytes: this.#batch.take(this.#options.readResource()), count });
    this.#waiting += count;
  }
}
