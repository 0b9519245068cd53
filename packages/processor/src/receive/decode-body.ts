import type { ReadOptions } from '@costspan/aggregate';
import type { OutcomeRules } from '@costspan/config';
import type { SpanRecord } from '../span-record.js';
import { createReading, readSpanRecord } from '../span-record.js';
import type { TruncatingLimit } from '../telemetry/own-metrics.js';
import { decodeProtobuf } from './decode.js';
import type { ReadingConfig } from './decode-job.js';
import { decodeJson } from './decode-json.js';
import type { Encoding } from './reply.js';
import { type DecodeOptions, orderSpans, type SpanBatch } from './spans.js';

/** The decoder of each encoding. */
export const DECODE: Readonly<Record<Encoding, (body: Buffer, options: DecodeOptions) => SpanBatch>> = {
  protobuf: decodeProtobuf,
  json: decodeJson,
};

/** How bodies become records, in whatever thread. */
export class BodyReader {
  readonly #limits: ReadingConfig['limits'];
  readonly #read: ReturnType<typeof createReading>;
  readonly #onLimit: (limit: TruncatingLimit) => void;

  /** `onLimit`: told of each attribute, event or label that is cut. */
  constructor(
    config: ReadingConfig,
    { price, onLimit }: Pick<ReadOptions, 'price'> & { readonly onLimit: (limit: TruncatingLimit) => void },
  ) {
    this.#limits = config.limits;
    this.#read = createReading(config, price);
    this.#onLimit = onLimit;
  }

  /** What of a body is decoded. `latestMs`: spans that end after it are refused. */
  decodeOptions({ attributeNames }: OutcomeRules, latestMs: number): DecodeOptions {
    const { spanAttributes, spanEvents } = this.#limits;
    return { attributeNames, spanAttributes, spanEvents, latestMs, onLimit: this.#onLimit };
  }

  /** What of the spans is kept, in the order in which it counts; one at a time, so that nobody has to keep them all. */
  *readRecords(batch: SpanBatch, judge: OutcomeRules): IterableIterator<SpanRecord> {
    let isCut = false;
    const onLabelCut = () => {
      isCut = true;
    };
    const onTokensCut = () => this.#onLimit('call_tokens');
    const read = { ...this.#read, judge, onLabelCut, onTokensCut };
    for (const span of orderSpans(batch.spans)) {
      isCut = false;
      const record = readSpanRecord(span, read);
      if (isCut) this.#onLimit('label_chars');
      if (record !== undefined) yield record;
    }
  }
}
