import type { Config } from '@costspan/config';
import type { Received, TruncatingLimit } from '../telemetry/own-metrics.js';
import type { Encoding } from './reply.js';

/** What of the configuration a body is read under. */
export type ReadingConfig = Pick<Config, 'features' | 'limits' | 'tasks' | 'prices'>;

/** What a thread is told. */
export type ToWorker = DecodeJob | DecodeSetup;

/** From now on bodies are read under this configuration. */
export interface DecodeSetup {
  readonly kind: 'setup';
  readonly config: ReadingConfig;
  /** Of the configuration; what was read under it says so. */
  readonly generation: number;
}

/** A body to read: bytes of memory that both threads have. */
export interface DecodeJob {
  readonly kind: 'job';
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly from: number;
  readonly length: number;
  /** Of a gzip: what it becomes at most. */
  readonly inflatedBytes: number | undefined;
  readonly encoding: Encoding;
  /** Spans that end after it are refused. Milliseconds since the epoch. */
  readonly latestMs: number;
}

/** What a thread tells. */
export type FromWorker = { readonly kind: 'ready' } | DecodeAnswer;

/** What became of a body; an error is one of the sender's making, and of a gzip that becomes more than it may nothing has. */
export type DecodeAnswer = { readonly kind: 'answer'; readonly id: number } & (
  | { readonly decoded: DecodedBody }
  | { readonly malformed: string }
  | { readonly hasOutgrown: true }
);

/** What is kept and counted of a body. */
export interface DecodedBody {
  readonly generation: number;
  /** An entry of the log, whose time is to be set; without a span where nothing of the body is kept. */
  readonly entry: Uint8Array<ArrayBuffer>;
  readonly received: Received;
  /** How often each limit has cut something. */
  readonly truncated: Readonly<Partial<Record<TruncatingLimit, number>>>;
}
