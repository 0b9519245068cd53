import type { RequestListener } from 'node:http';
import type { Config } from '@costspan/config';
import type { Address } from './address.js';
import { ClockWatch } from './clock.js';
import { type OpenData, openData } from './data.js';
import { openLedgerToRead } from './ledger/database.js';
import { type LedgerQuery, type LedgerRow, readLedger } from './ledger/reader.js';
import { createConfiguredPricer } from './pricer.js';
import { Processor } from './processor.js';
import { listenGrpc } from './receive/grpc.js';
import { type Door, receive } from './receive/http.js';
import { createMetricsListener, type Listening, listen } from './server.js';
import { readStateOptions } from './state.js';
import { NotDurableError } from './store/journal.js';

/** How often what is due settles. */
const SETTLE_INTERVAL_MS = 1_000;
/** Requests under way get this long at the end. */
const DRAIN_MS = 5_000;

/** A processor that serves. */
export interface RunningProcessor {
  readonly processor: Processor;
  /** `http://HOST:PORT` of the OTLP door. */
  readonly otlpHttp: string;
  /** The same of the gRPC door. */
  readonly otlpGrpc: string;
  /** `http://HOST:PORT` of `/metrics`. */
  readonly metrics: string;
  /** Goes on under another configuration. Throws a RangeError, and changes nothing, when its prices are impossible. */
  reload(config: Config): Promise<void>;
  /** Takes no more requests, finishes those under way. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly config: Config;
  readonly otlpHttp: Address;
  readonly otlpGrpc: Address;
  readonly metrics: Address;
  /** Where everything is kept; without it, it is in memory. */
  readonly dataDirectory?: string;
  /** Told of failures of our own while serving. */
  readonly onError: (error: unknown) => void;
  /** Told when the data directory takes nothing and, with undefined, when it does again. */
  readonly onHealth?: (failure: unknown) => void;
}

/** Starts every door; rejects with the error of the system when one cannot be had. */
export async function startProcessor(options: StartOptions): Promise<RunningProcessor> {
  const { config, onError } = options;
  const { price } = createConfiguredPricer(config);
  const data = await openDataOf(options);
  const processor = new Processor({ config, price, now: Date.now, ...(data && { store: data.store }) });
  const doors = new Doors(processor, options, data);
  try {
    const listening = await doors.open();
    const stopClock = runClock(processor, { data, onError });
    const close = async () => {
      stopClock();
      await doors.close(DRAIN_MS);
      await data?.close();
    };
    const reload = async (next: Config) => {
      await processor.reload(next, createConfiguredPricer(next).price);
      if (data !== undefined) data.ledger.retention = next.ledger;
    };
    return { processor, ...listening, reload, close };
  } catch (error) {
    await doors.close(0);
    await data?.close();
    throw error;
  }
}

function openDataOf({
  dataDirectory,
  config,
  onHealth = () => {},
}: StartOptions): Promise<OpenData | undefined> {
  if (dataDirectory === undefined) return Promise.resolve(undefined);
  const { queueBytes: maxQueueBytes } = config.limits;
  return openData(dataDirectory, {
    options: readStateOptions(config),
    retention: config.ledger,
    maxQueueBytes,
    onHealth,
  });
}

/** Everything that listens. */
class Doors {
  #isOpen = true;
  readonly #open: Listening[] = [];
  readonly #processor: Processor;
  readonly #options: StartOptions;
  readonly #data: OpenData | undefined;

  constructor(processor: Processor, options: StartOptions, data: OpenData | undefined) {
    this.#processor = processor;
    this.#options = options;
    this.#data = data;
  }

  async open(): Promise<Pick<RunningProcessor, 'otlpHttp' | 'otlpGrpc' | 'metrics'>> {
    const { config, onError } = this.#options;
    const data = this.#data;
    const readCost = data && ((query: LedgerQuery) => readKept(data, query));
    const door: Door = {
      processor: this.#processor,
      limitBytes: config.limits.bodyBytes,
      onError,
      ...(readCost && { readCost }),
    };
    const serveOtlp: RequestListener = (request, response) => {
      receive(door, request, response).catch(onError);
    };
    const serveMetrics = createMetricsListener(this.#processor, () => this.#isReady());
    return {
      otlpHttp: await this.#add(listen(this.#options.otlpHttp, serveOtlp)),
      otlpGrpc: await this.#add(listenGrpc(this.#options.otlpGrpc, door)),
      metrics: await this.#add(listen(this.#options.metrics, serveMetrics)),
    };
  }

  async close(withinMs: number): Promise<void> {
    this.#isOpen = false;
    for (const listening of this.#open) await listening.close(withinMs);
  }

  /** It takes spans: it does not close, and its disk works. */
  #isReady(): boolean {
    return this.#isOpen && this.#data?.store.health.failure === undefined;
  }

  async #add(starting: Promise<Listening>): Promise<string> {
    const listening = await starting;
    this.#open.push(listening);
    return listening.origin;
  }
}

/** What the ledger says, with all that has counted by now. */
async function readKept({ store, directory }: OpenData, query: LedgerQuery): Promise<LedgerRow[]> {
  await store.flushLedger();
  const database = openLedgerToRead(directory);
  try {
    return await readLedger(database, query);
  } finally {
    database.close();
  }
}

/** Settles what is due, once a second, and tells the processor when the clock was set. */
function runClock(
  processor: Processor,
  { data, onError }: { data: OpenData | undefined; onError: (error: unknown) => void },
): () => void {
  const watch = new ClockWatch(Date.now, () => performance.now());
  const tick = async () => {
    const stepMs = watch.readStepMs();
    if (stepMs !== 0) await processor.shiftClock(stepMs);
    await processor.settle();
    await data?.store.flushLedger();
  };
  const settling = setInterval(() => {
    tick().catch((error) => {
      // The disk takes nothing: its health says so, and what is due settles when it does again.
      if (!(error instanceof NotDurableError)) onError(error);
    });
  }, SETTLE_INTERVAL_MS);
  return () => clearInterval(settling);
}
