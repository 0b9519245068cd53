/** A thread that decodes and reads bodies; it keeps nothing of them. Started by `DecodePool`. */
import { parentPort } from 'node:worker_threads';
import { OutcomeRules } from '@costspan/config';
import { createConfiguredPricer } from '../pricer.js';
import { encodeSpans } from '../store/span-writer.js';
import { readReceived, type TruncatingLimit } from '../telemetry/own-metrics.js';
import { freeBytes } from './body-buffers.js';
import { BodyReader, DECODE } from './decode-body.js';
import type {
  DecodeAnswer,
  DecodedBody,
  DecodeJob,
  DecodeSetup,
  FromWorker,
  ToWorker,
} from './decode-job.js';
import { inflateAtOnce, OutgrownError } from './decompress.js';
import type { Encoding } from './reply.js';
import { MalformedError } from './wire.js';

/** Bodies are read under one configuration. */
class Worker {
  readonly #generation: number;
  readonly #rules: OutcomeRules;
  readonly #reader: BodyReader;
  #truncated: Partial<Record<TruncatingLimit, number>> = {};

  constructor({ config, generation }: DecodeSetup) {
    this.#generation = generation;
    this.#rules = new OutcomeRules(config.tasks.outcome);
    const { price } = createConfiguredPricer(config);
    const onLimit = (limit: TruncatingLimit): void => {
      this.#truncated[limit] = (this.#truncated[limit] ?? 0) + 1;
    };
    this.#reader = new BodyReader(config, { price, onLimit });
  }

  answer(job: DecodeJob): DecodeAnswer {
    const { id } = job;
    try {
      return { kind: 'answer', id, decoded: this.#decode(job) };
    } catch (error) {
      if (error instanceof MalformedError) return { kind: 'answer', id, malformed: error.message };
      if (error instanceof OutgrownError) return { kind: 'answer', id, hasOutgrown: true };
      throw error;
    }
  }

  #decode({ memory, from, length, inflatedBytes, encoding, latestMs }: DecodeJob): DecodedBody {
    const sent = Buffer.from(memory, from, length);
    if (inflatedBytes === undefined) return this.#read(sent, encoding, latestMs);
    const body = inflateAtOnce(sent, inflatedBytes);
    try {
      return this.#read(body, encoding, latestMs);
    } finally {
      freeBytes(body);
    }
  }

  #read(body: Buffer, encoding: Encoding, latestMs: number): DecodedBody {
    this.#truncated = {};
    const batch = DECODE[encoding](body, this.#reader.decodeOptions(this.#rules, latestMs));
    const entry = encodeSpans(0, this.#reader.readRecords(batch, this.#rules));
    const received = { ...readReceived(batch), bytes: body.length };
    return { generation: this.#generation, entry, received, truncated: this.#truncated };
  }
}

const port = parentPort;
if (port !== null) {
  let worker: Worker | undefined;
  const tell = (message: FromWorker, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'setup') {
      worker = new Worker(message);
      tell({ kind: 'ready' });
      return;
    }
    const answer = worker!.answer(message);
    tell(answer, 'decoded' in answer ? [answer.decoded.entry.buffer] : []);
  });
}
