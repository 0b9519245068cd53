import type { RequestListener } from 'node:http';
import type { Config } from '@costspan/config';
import { type Access, checkReload } from './access/access.js';
import { ByteBudget, Gate } from './access/gate.js';
import type { Address } from './address.js';
import type { OpenData } from './data.js';
import { readClickHouse } from './ledger/clickhouse/reader.js';
import { openLedgerToRead } from './ledger/database.js';
import { type LedgerQuery, type LedgerRow, readLedger } from './ledger/reader.js';
import type { Processor } from './processor.js';
import { listenGrpc } from './receive/grpc.js';
import { type Door, type Refusal, receive } from './receive/http.js';
import { createMetricsListener, type Listening, listen } from './server.js';
import { NotDurableError } from './store/journal.js';

/** Requests under way get this long when a door closes. */
const DRAIN_MS = 5_000;
/** And a scrape that is under way when all else is done: whoever stops us waits ten seconds at times, and no more. */
const LAST_SCRAPE_MS = 2_000;

export interface DoorsOptions {
  readonly limits: Config['limits'];
  readonly access: Access;
  readonly otlpHttp: Address;
  readonly otlpGrpc: Address;
  readonly metrics: Address;
  /** Told of failures of our own while serving. */
  readonly onError: (error: unknown) => void;
  /** Told of each request that is refused. */
  readonly onRefusal?: (refusal: Refusal) => void;
}

/** Where they listen, `http://HOST:PORT` or `https:`. */
export interface Origins {
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
  readonly metrics: string;
}

/** Everything that listens, behind one gate. */
export class Doors {
  #isOpen = true;
  readonly #open = new Map<keyof Origins, Listening>();
  readonly #data: OpenData | undefined;
  readonly #options: DoorsOptions;
  readonly #gate: Gate;
  readonly #door: Door;
  readonly #processor: Processor;

  constructor(processor: Processor, data: OpenData | undefined, options: DoorsOptions) {
    const { access, limits, onError, onRefusal = () => {} } = options;
    const { requestsPerSecond, bodyBytes: limitBytes, inflightBytes } = limits;
    this.#processor = processor;
    this.#data = data;
    this.#options = options;
    this.#gate = new Gate(access, { requestsPerSecond, now: () => performance.now() });
    const readCost = data && ((query: LedgerQuery) => readKept(data, query));
    this.#door = {
      processor,
      gate: this.#gate,
      limitBytes,
      budget: new ByteBudget(inflightBytes),
      onError,
      onRefusal,
      ...(readCost && { readCost }),
    };
  }

  /** Opens all of them; rejects with the error of the system when one cannot be had. */
  async open(): Promise<Origins> {
    const { otlpHttp, otlpGrpc, metrics, access, onError } = this.#options;
    const { tls } = access;
    const { requestTimeoutMs } = this.#options.limits;
    const onCut = (reason: string) => this.#processor.countRejected(reason, 1);
    const how = { requestTimeoutMs, tls, onCut };
    const serveOtlp: RequestListener = (request, response) => {
      receive(this.#door, request, response).catch(onError);
    };
    const isReady = () => this.#isReady();
    const serveMetrics = createMetricsListener({ processor: this.#processor, gate: this.#gate, isReady });
    return {
      otlpHttp: await this.#add('otlpHttp', listen(otlpHttp, serveOtlp, how)),
      otlpGrpc: await this.#add('otlpGrpc', listenGrpc(otlpGrpc, this.#door, how)),
      metrics: await this.#add('metrics', listen(metrics, serveMetrics, how)),
    };
  }

  /** Throws an AccessError when the doors cannot be changed to that while they are open. */
  checkChange(access: Access): void {
    checkReload(this.#options.access, access);
  }

  /** Goes on with other limits, tokens and certificates, once `checkChange` has passed them. */
  change(access: Access, limits: Config['limits']): void {
    const { bodyBytes, inflightBytes, requestsPerSecond, queueBytes } = limits;
    this.#gate.change(access, requestsPerSecond);
    this.#door.budget.limitBytes = inflightBytes;
    if (this.#data !== undefined) this.#data.store.journal.maxQueueBytes = queueBytes;
    this.#door.limitBytes = bodyBytes;
    for (const listening of this.#open.values()) listening.changeTimeout(limits.requestTimeoutMs);
    const { tls } = access;
    if (tls === undefined) return;
    for (const listening of this.#open.values()) listening.changeTls?.(tls);
  }

  /** The doors of OTLP together: who holds up one holds up no other. Meanwhile `/readyz` says so. */
  async close(withinMs = DRAIN_MS): Promise<void> {
    this.#isOpen = false;
    const { otlpHttp, otlpGrpc, metrics } = Object.fromEntries(this.#open);
    await Promise.all([otlpHttp?.close(withinMs), otlpGrpc?.close(withinMs)]);
    await metrics?.close(Math.min(withinMs, LAST_SCRAPE_MS));
  }

  /** It takes spans: it does not close, and its disk works. */
  #isReady(): boolean {
    if (!this.#isOpen || this.#data === undefined) return this.#isOpen;
    const { failure, isStalled } = this.#data.store.health;
    return failure === undefined && !isStalled;
  }

  async #add(name: keyof Origins, starting: Promise<Listening>): Promise<string> {
    const listening = await starting;
    this.#open.set(name, listening);
    return listening.origin;
  }
}

const LEDGER_IS_BEHIND =
  'the ledger cannot be written at the moment, its sums would be too small; ask again when there is room on its disk';

/** What the ledger says, with all that has counted by now. */
async function readKept(
  { store, ledger, directory, clickHouse }: OpenData,
  query: LedgerQuery,
): Promise<LedgerRow[]> {
  if (clickHouse !== undefined) return readClickHouse(clickHouse, query);
  await store.flushLedger();
  if (ledger.book.pendingCount > 0) throw new NotDurableError('disk', { message: LEDGER_IS_BEHIND });
  const database = openLedgerToRead(directory);
  try {
    return await readLedger(database, query);
  } finally {
    database.close();
  }
}
