import { join } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { BODY_BUFFERS, putBytes } from './body-buffers.js';
import type {
  DecodeAnswer,
  DecodedBody,
  DecodeJob,
  DecodeSetup,
  FromWorker,
  ReadingConfig,
  ToWorker,
} from './decode-job.js';
import { Gzip, OutgrownError } from './decompress.js';
import type { Encoding } from './reply.js';
import { RequestError } from './request-error.js';
import { MalformedError } from './wire.js';

/** Beside this module, also where that is not compiled. */
const WORKER = join(__dirname, '..', '..', 'dist', 'receive', 'decode-worker.js');
/** Yarn's Plug'n'Play finds packages by a preload of its own, which a thread needs as well. */
const RESOLVER = process.versions.pnp === undefined ? [] : ['--require', require.resolve('pnpapi')];
/**
 * What a body becomes is garbage once it is answered, and what one may become has a limit. Preloads of this process are none
 * of its concern, nor are the secrets in its environment.
 */
const WORKER_OPTIONS: WorkerOptions = {
  name: 'decode',
  resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 },
  execArgv: RESOLVER,
  env: {},
};
/** A smaller body takes this thread no longer than to hand it over and to take back what has become of it. */
const MIN_BYTES = 64 * 1024;
/** After one has ended by itself none is started for so long: what has ended it may come again. */
const RESTART_AFTER_MS = 10_000;

/** One that has had nothing to do for so long gives its memory back. */
const IDLE_MS = 60_000;

export interface DecodePoolOptions {
  readonly config: ReadingConfig;
  /** How long a thread is kept that has nothing to do. */
  readonly idleMs?: number;
  /** Told when a thread has ended by itself. */
  readonly onError: (error: DecoderEndedError) => void;
}

/** A thread has ended by itself; the cause says why. */
export class DecoderEndedError extends Error {
  override readonly name = 'DecoderEndedError';
}

/**
 * Threads that decode bodies beside the one that counts them, at most `limits.decode_threads`. None is started before
 * there is need of one.
 */
export class DecodePool {
  readonly #onError: DecodePoolOptions['onError'];
  readonly #idleMs: number;
  #watch: NodeJS.Timeout | undefined;
  #setup: DecodeSetup;
  #threads: DecodeThread[] = [];
  #isClosed = false;
  #restartAtMs = 0;

  constructor({ config, idleMs = IDLE_MS, onError }: DecodePoolOptions) {
    this.#setup = createSetup(config, 0);
    this.#idleMs = idleMs;
    this.#onError = onError;
  }

  /** Of the configuration: what was read under another one does not count. */
  get generation(): number {
    return this.#setup.generation;
  }

  /** From now on bodies are read under another configuration. */
  change(config: ReadingConfig): void {
    this.#setup = createSetup(config, this.generation + 1);
    for (const thread of this.#threads.splice(config.limits.decodeThreads)) thread.end();
    for (const thread of this.#threads) thread.setUp(this.#setup);
  }

  /**
   * The thread that has the least to do, for a body of so many bytes. Undefined where handing it over is not worth while
   * or none is ready: then one more is started, where there may be one.
   */
  find(bytes: number): DecodeThread | undefined {
    if (bytes < MIN_BYTES || this.#isClosed) return undefined;
    let found: DecodeThread | undefined;
    for (const thread of this.#threads)
      if (thread.isReady && (found === undefined || thread.waiting < found.waiting)) found = thread;
    if (found === undefined || found.waiting > 0) this.#startAnother();
    return found;
  }

  /** Ends the threads; what they have not answered is refused. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#watch);
    for (const thread of this.#threads.splice(0)) thread.end();
  }

  #endIdle(): void {
    const idle = this.#threads.filter((thread) => thread.isReady && thread.idleMs >= this.#idleMs);
    this.#threads = this.#threads.filter((thread) => !idle.includes(thread));
    for (const thread of idle) thread.end();
    if (this.#threads.length > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #startAnother(): void {
    const isFull = this.#threads.length >= this.#setup.config.limits.decodeThreads;
    const isStarting = this.#threads.some(({ isReady }) => !isReady);
    if (isFull || isStarting || performance.now() < this.#restartAtMs) return;
    const thread = new DecodeThread(this.#setup, (cause) => {
      this.#threads = this.#threads.filter((one) => one !== thread);
      this.#restartAtMs = performance.now() + RESTART_AFTER_MS;
      this.#onError(
        new DecoderEndedError(`a thread that decodes has ended (${readReason(cause)})`, { cause }),
      );
    });
    this.#threads.push(thread);
    this.#watch ??= setInterval(() => this.#endIdle(), this.#idleMs).unref();
  }
}

/** Not its text, which may quote what was being read. */
function readReason(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  return 'code' in cause ? String(cause.code) : cause.name;
}

const createSetup = (
  { features, limits, tasks, prices }: ReadingConfig,
  generation: number,
): DecodeSetup => ({ kind: 'setup', config: { features, limits, tasks, prices }, generation });

interface Waiting {
  readonly resolve: (decoded: DecodedBody) => void;
  readonly reject: (error: Error) => void;
}

/** One thread, and who waits for it. */
export class DecodeThread {
  isReady = false;
  readonly #worker = new Worker(WORKER, WORKER_OPTIONS);
  readonly #waiting = new Map<number, Waiting>();
  #jobs = 0;
  #idleSinceMs = performance.now();

  /** `onEnd`: told why it has ended by itself. */
  constructor(setup: DecodeSetup, onEnd: (cause: unknown) => void) {
    // Who waits for it holds the process; it does not.
    this.#worker.unref();
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') this.isReady = true;
      else this.#settle(message);
    });
    this.#worker.on('error', (error) => {
      this.#refuseAll();
      onEnd(error);
    });
    this.setUp(setup);
  }

  /** For how long it has had nothing to do; 0 while it has. */
  get idleMs(): number {
    return this.#waiting.size > 0 ? 0 : performance.now() - this.#idleSinceMs;
  }

  /** Bodies that it has not answered. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** What is decoded from now on is read under this configuration. */
  setUp(setup: DecodeSetup): void {
    this.#post(setup);
  }

  /**
   * Rejects with a `MalformedError`, with an `OutgrownError` where a gzip is none to be inflated at once, or with a
   * `RequestError` when the thread ends before.
   */
  async decode(
    body: Buffer | Gzip,
    options: { readonly encoding: Encoding; readonly latestMs: number },
  ): Promise<DecodedBody> {
    const [bytes, inflatedBytes] = body instanceof Gzip ? [body.bytes, body.length] : [body, undefined];
    const asked = { ...options, inflatedBytes };
    // What is small or was decompressed is not in memory that both have.
    if (bytes.buffer instanceof SharedArrayBuffer) return this.#ask(bytes, asked);
    const shared = BODY_BUFFERS.take(bytes.length).subarray(0, bytes.length);
    putBytes(shared, bytes, 0);
    try {
      return await this.#ask(shared, asked);
    } finally {
      BODY_BUFFERS.giveBack(shared);
    }
  }

  /** What it has not answered is refused. */
  end(): void {
    this.#worker.removeAllListeners('error').on('error', () => {});
    void this.#worker.terminate();
    this.#refuseAll();
  }

  #ask(
    { buffer, byteOffset: from, length }: Buffer,
    options: Pick<DecodeJob, 'encoding' | 'latestMs' | 'inflatedBytes'>,
  ): Promise<DecodedBody> {
    const id = this.#jobs;
    this.#jobs += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ kind: 'job', id, memory: buffer as SharedArrayBuffer, from, length, ...options });
    });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #settle(answer: DecodeAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    this.#idleSinceMs = performance.now();
    if ('decoded' in answer) waiting?.resolve(answer.decoded);
    else if ('malformed' in answer) waiting?.reject(new MalformedError(answer.malformed));
    else waiting?.reject(new OutgrownError('it becomes more than it says'));
  }

  #refuseAll(): void {
    const message = 'the thread that decoded the request has ended; send it again';
    for (const { reject } of this.#waiting.values())
      reject(new RequestError(503, 'decoder_ended', { message }));
    this.#waiting.clear();
  }
}
