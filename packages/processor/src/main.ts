import type { Config } from '@costspan/config';
import type { Access } from './access/access.js';
import type { Address } from './address.js';
import { ClockWatch } from './clock.js';
import { type OpenData, openData } from './data.js';
import { Doors, type Origins } from './doors.js';
import type { ClickHouse } from './ledger/clickhouse/clickhouse.js';
import { createConfiguredPricer } from './pricer.js';
import { Processor } from './processor.js';
import { DecodePool } from './receive/decode-pool.js';
import type { Refusal } from './receive/http.js';
import { readStateOptions } from './state-options.js';
import { NotDurableError } from './store/journal.js';

/** How often what is due settles. */
const SETTLE_INTERVAL_MS = 1_000;
/** So much between the last news and a start is a time in which nobody ran. */
const MIN_DOWNTIME_MS = 2_000;

/** A processor that serves. */
export interface RunningProcessor extends Origins {
  readonly processor: Processor;
  /**
   * Goes on under another configuration. Throws, and changes nothing: a RangeError when its prices are impossible, an
   * AccessError when its doors take a restart.
   */
  reload(config: Config, access: Access): Promise<void>;
  /** Takes no more requests, finishes those under way. */
  close(): Promise<void>;
}

/** What `costspan processor` starts with: config, addresses, data directory. */
export interface StartOptions {
  readonly config: Config;
  /** Who gets in; default everybody who reaches a door. */
  readonly access?: Access;
  readonly otlpHttp: Address;
  readonly otlpGrpc: Address;
  readonly metrics: Address;
  /** Where everything is kept; without it, it is in memory. */
  readonly dataDirectory?: string;
  /** Told of failures of our own while serving. */
  readonly onError: (error: unknown) => void;
  /** Told of each request that is refused. */
  readonly onRefusal?: (refusal: Refusal) => void;
  /** Told when the data directory takes nothing and, with undefined, when it does again. */
  readonly onHealth?: (failure: unknown) => void;
  /** Told of each service and gateway that most likely report the same calls, once. */
  readonly onSuspicion?: () => void;
  /** Where the ledger goes instead of a file in `dataDirectory`. */
  readonly clickHouse?: ClickHouse | undefined;
  /** Told when ClickHouse takes nothing and, with undefined, when it does again. */
  readonly onLedgerHealth?: (failure: unknown) => void;
}

const NOBODY_NAMED: Access = { tokens: [] };

/**
 * Starts every door; rejects with the error of the system when one cannot be had.
 *
 * @example
 * import { DEFAULT_CONFIG as config } from '@costspan/config';
 * import { startProcessor } from '@costspan/processor';
 * const at = (port: number) => ({ host: '127.0.0.1', port });
 * const doors = { otlpHttp: at(4318), otlpGrpc: at(4317), metrics: at(9464) };
 * const running = await startProcessor({ config, ...doors, onError: console.error });
 */
export async function startProcessor(options: StartOptions): Promise<RunningProcessor> {
  const { config, onError } = options;
  const { price } = createConfiguredPricer(config);
  const data = await openDataOf(options);
  const decoders = new DecodePool({ config, onError });
  const processor = new Processor({
    config,
    price,
    now: Date.now,
    decoders,
    ...(data && { store: data.store, name: data.name }),
  });
  const { limits } = config;
  const doors = new Doors(processor, data, { ...options, limits, access: options.access ?? NOBODY_NAMED });
  try {
    await skipDowntime(processor, data);
    const listening = await doors.open();
    const stopClock = runClock(processor, { ...options, data });
    const close = async () => {
      stopClock();
      await doors.close();
      decoders.close();
      await data?.close();
    };
    const reload = async (next: Config, access: Access) => {
      doors.checkChange(access);
      await processor.reload(next, createConfiguredPricer(next).price);
      doors.change(access, next.limits);
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
  clickHouse,
  onHealth = () => {},
  onLedgerHealth = () => {},
}: StartOptions): Promise<OpenData | undefined> {
  if (dataDirectory === undefined) return Promise.resolve(undefined);
  const { queueBytes: maxQueueBytes } = config.limits;
  return openData(dataDirectory, {
    options: readStateOptions(config),
    retention: config.ledger,
    maxQueueBytes,
    clickHouse,
    onHealth,
    onLedgerHealth,
  });
}

/**
 * While nobody ran nobody could tell of an outcome, and exporters have kept what was not acknowledged: what waits, and
 * what is remembered, is as old as when the last news came, as where the clock of the machine is set.
 */
async function skipDowntime(processor: Processor, data: OpenData | undefined): Promise<void> {
  const lastNewsMs = data?.store.state.nowMs ?? 0;
  const downMs = Date.now() - lastNewsMs;
  if (lastNewsMs === 0 || Math.abs(downMs) < MIN_DOWNTIME_MS) return;
  try {
    await processor.shiftClock(downMs);
  } catch (error) {
    // A disk that takes nothing now: it is noted once it does, and until then no time goes by either.
    if (!(error instanceof NotDurableError)) throw error;
  }
  processor.showKept();
}

/** Settles what is due, once a second, and tells the processor when the clock was set. */
function runClock(
  processor: Processor,
  {
    data,
    onError,
    onSuspicion = () => {},
  }: Pick<StartOptions, 'onError' | 'onSuspicion'> & { data: OpenData | undefined },
): () => void {
  let suspicions = 0;
  const watch = new ClockWatch(Date.now, () => performance.now());
  const tick = async () => {
    const stepMs = watch.readStepMs();
    if (stepMs !== 0) await processor.shiftClock(stepMs);
    await processor.settle();
    for (const { suspected } = processor.aggregate.work; suspicions < suspected.length; suspicions += 1)
      onSuspicion();
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
