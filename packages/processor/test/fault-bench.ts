/**
 * One processor on a disk that can fail, senders that send until they are answered, and what must come out in the end.
 * Everything is drawn from one seed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_CONFIG } from '@costspan/config';
import { parseExposition } from '../../aggregate/test/records.ts';
import { createConfiguredPricer } from '../src/pricer.ts';
import { Processor } from '../src/processor.ts';
import { decodeProtobuf } from '../src/receive/decode.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import { MalformedError } from '../src/receive/wire.ts';
import { readStateOptions } from '../src/state-options.ts';
import { NotDurableError } from '../src/store/journal.ts';
import { Store } from '../src/store/store.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { OtlpSpan } from './otlp-grammar.ts';
import { encodeRequest } from './otlp-protobuf.ts';
import { createRandom, NOW_MS, readMetricsText } from './spans.ts';

export const FAULTS = [
  'kill',
  'torn write',
  'full disk',
  'failing disk',
  'slow disk',
  'clock jump',
  'duplicate',
  'reorder',
  'truncated body',
  'hostile body',
] as const;
export type Fault = (typeof FAULTS)[number];

const TASKS = 5;
const OUTCOMES = ['success', 'failure', 'abandoned'] as const;
const MAX_CENTS = 50;
const CENT_PICO_USD = 10_000_000_000n;
const DAY_MS = 86_400_000;
/** Sends at a time. */
const CONCURRENCY = 3;
/** How often a body is sent at most: a run that does not end fails. */
const MAX_ROUNDS = 200;

interface Body {
  readonly bytes: Buffer;
  readonly isJson: boolean;
}

/** What a run must come to. */
export interface Totals {
  calls: number;
  costPicoUsd: bigint;
  /** By outcome, those that are not 0. */
  readonly tasks: Record<string, number>;
  /** By feature, cents. */
  readonly cents: Record<string, number>;
}

export class FaultBench {
  readonly expected: Totals = { calls: 0, costPicoUsd: 0n, tasks: {}, cents: {} };
  /** How often each fault struck. */
  readonly struck = new Map<Fault, number>();
  readonly #random: () => number;
  readonly #faults: ReadonlySet<Fault>;
  #disk = new MemoryDisk();
  #store!: Store;
  /** Undefined while none runs. What one that was killed still does is seen by nobody. */
  #running: Processor | undefined;
  #nowMs = NOW_MS;
  /** The clock was set, and the processor could not note that yet. */
  #isStepOpen = false;
  #shown = new Map<string, number>();

  private constructor(seed: number, main: Fault) {
    this.#random = createRandom(seed);
    this.#faults = new Set(FAULTS.filter((fault) => fault === main || this.#random() < 0.25));
  }

  /** A whole run; resolves to the bench with everything sent, acknowledged and settled. */
  static async run(seed: number, main: Fault): Promise<FaultBench> {
    const bench = new FaultBench(seed, main);
    await bench.#start();
    if (bench.#faults.has('slow disk')) bench.#disk.delayMs = bench.#strike('slow disk');
    await bench.#sendAll(bench.#createBodies());
    await bench.#settleAll();
    return bench;
  }

  /** What it came to, as the metrics say it. */
  async readTotals(): Promise<Totals> {
    const samples = await this.#scrape();
    const sumBy = (metric: string, label: string): Record<string, number> => {
      const sums: Record<string, number> = {};
      for (const [name, value] of samples) {
        const key = name.startsWith(`${metric}{`) ? name.match(`[{,]${label}="([^"]*)"`)?.[1] : undefined;
        if (key !== undefined && value !== 0) sums[key] = (sums[key] ?? 0) + value;
      }
      return sums;
    };
    const cents = Object.entries(sumBy('llm_cost_usd_total', 'feature'));
    return {
      calls: Object.values(sumBy('llm_calls_total', 'status')).reduce((sum, value) => sum + value, 0),
      costPicoUsd: this.#processor.aggregate.totals().callsPicoUsd,
      tasks: sumBy('llm_tasks_total', 'outcome'),
      cents: Object.fromEntries(cents.map(([feature, usd]) => [feature, Math.round(usd * 100)])),
    };
  }

  get #processor(): Processor {
    if (this.#running === undefined) throw new Error('no processor runs');
    return this.#running;
  }

  async #start(): Promise<void> {
    const { tasks } = DEFAULT_CONFIG;
    const config = { ...DEFAULT_CONFIG, tasks: { ...tasks, settleQuietMs: 500 } };
    const options = readStateOptions(config);
    const store = await Store.open({ disk: this.#disk, options, maxQueueBytes: 1e6, onHealth: () => {} });
    this.#store = store;
    const { state, journal } = store;
    const kept = {
      state,
      journal,
      get health() {
        return store.health;
      },
    };
    const { price } = createConfiguredPricer(config);
    this.#running = new Processor({ config, price, now: () => this.#nowMs, store: kept });
  }

  #createBodies(): Body[] {
    const spans = Array.from({ length: TASKS }, (_, task) => this.#createTask(task)).flat();
    for (let count = 0; count < 2; count += 1) spans.push(this.#createCall(undefined));
    if (this.#faults.has('reorder')) this.#shuffle(spans, 'reorder');
    const bodies: Body[] = [];
    while (spans.length > 0) {
      const some = spans.splice(0, 1 + Math.floor(this.#random() * 5));
      const request = { resourceSpans: [{ scopeSpans: [{ spans: some }] }] };
      const isJson = this.#random() < 0.5;
      bodies.push({ isJson, bytes: isJson ? Buffer.from(JSON.stringify(request)) : encodeRequest(request) });
    }
    return bodies;
  }

  #createTask(task: number): OtlpSpan[] {
    const calls = Array.from({ length: 1 + Math.floor(this.#random() * 4) }, () => this.#createCall(task));
    const outcome = this.#pick(OUTCOMES);
    this.expected.tasks[outcome] = (this.expected.tasks[outcome] ?? 0) + 1;
    const attributes = { ...ofTask(task), 'costspan.task.outcome': outcome };
    return [...calls, this.#createSpan('task resolve', attributes)];
  }

  #createCall(task: number | undefined): OtlpSpan {
    const cents = Math.floor(this.#random() * MAX_CENTS);
    const feature = this.#pick(['chat', 'search']);
    this.expected.calls += 1;
    this.expected.costPicoUsd += BigInt(cents) * CENT_PICO_USD;
    if (cents > 0) this.expected.cents[feature] = (this.expected.cents[feature] ?? 0) + cents;
    return this.#createSpan('chat', {
      ...(task === undefined ? {} : ofTask(task)),
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5',
      'costspan.feature': feature,
      'gen_ai.usage.cost.amount': cents / 100,
    });
  }

  #createSpan(name: string, attributes: Readonly<Record<string, string | number>>): OtlpSpan {
    const hex = (chars: number): string =>
      Array.from({ length: chars }, () => Math.floor(this.#random() * 16).toString(16)).join('');
    return {
      traceId: hex(32),
      spanId: hex(16),
      name,
      kind: 1,
      startTimeUnixNano: `${NOW_MS - 100}000000`,
      endTimeUnixNano: `${NOW_MS}000000`,
      attributes: Object.entries(attributes).map(([key, value]) => ({
        key,
        value: typeof value === 'number' ? { doubleValue: value } : { stringValue: value },
      })),
    };
  }

  async #sendAll(bodies: readonly Body[]): Promise<void> {
    const waiting = [...bodies];
    for (let round = 0; waiting.length > 0; round += 1) {
      if (round === MAX_ROUNDS) throw new Error(`${waiting.length} bodies are not taken`);
      this.#nowMs += 50;
      this.#breakDisk();
      const sent = waiting.splice(0, CONCURRENCY);
      const taken = new Set<Body>();
      const sending = sent.map((body) => this.#send(body, taken));
      // A clock that is set while nobody runs is one that went on so long: that is no fault, and counts as it went on.
      const mayDie = !this.#isStepOpen;
      if (mayDie && this.#isStruck('kill', 0.2)) await this.#restart(() => this.#disk.clone());
      else if (mayDie && this.#isStruck('torn write', 0.2))
        await this.#restart(() => this.#disk.losePower(this.#random));
      else await Promise.all(sending);
      for (const body of sent) {
        // Nobody knows what became of one without an answer, so it is sent again; and some are that had one.
        if (!taken.has(body) || this.#isStruck('duplicate', 0.2)) waiting.push(body);
      }
      if (this.#random() < 0.3) await this.#scrape();
      if (this.#random() < 0.1) await this.#store.keepState();
      await this.#tick();
    }
  }

  /** As a door takes it: whatever comes is taken, refused, or must be sent again. */
  async #send(body: Body, taken: Set<Body>): Promise<void> {
    const { bytes, isJson } = body;
    if (this.#isStruck('truncated body', 0.3))
      await this.#take({ bytes: bytes.subarray(0, Math.floor(this.#random() * bytes.length)), isJson });
    if (this.#isStruck('hostile body', 0.3)) await this.#take(this.#createHostile());
    if (await this.#take(body)) taken.add(body);
  }

  async #take({ bytes, isJson }: Body): Promise<boolean> {
    const processor = this.#running;
    if (processor === undefined) return false;
    try {
      const batch = (isJson ? decodeJson : decodeProtobuf)(bytes, processor.decodeOptions);
      await processor.ingest(batch, bytes.length);
      return processor === this.#running;
    } catch (error) {
      if (error instanceof MalformedError || error instanceof NotDurableError) return false;
      throw error;
    }
  }

  /** Noise, spans that are none, and amounts that are none. */
  #createHostile(): Body {
    const cost = this.#pick([Number.NaN, -1, 1e300, Number.POSITIVE_INFINITY]);
    const span = this.#createSpan('chat', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.cost.amount': cost,
    });
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, spanId: '00' }] }] }] };
    const bytes = encodeRequest(request);
    const noise = Buffer.from(Array.from({ length: 200 }, () => this.#random() * 256));
    return this.#pick([
      { isJson: false, bytes },
      { isJson: false, bytes: noise },
      { isJson: true, bytes: noise },
      { isJson: true, bytes: Buffer.from('{"__proto__":{"resourceSpans":[]},"resourceSpans":[[]]}') },
    ]);
  }

  #breakDisk(): void {
    for (const [fault, code] of [
      ['full disk', 'ENOSPC'],
      ['failing disk', 'EIO'],
    ] as const) {
      if (!this.#isStruck(fault, 0.15)) continue;
      this.#disk.faults = [{ at: this.#disk.operations, count: 1 + Math.floor(this.#random() * 6), code }];
    }
  }

  /** The process ends at some instant; another one begins with what the disk holds. */
  async #restart(readDisk: () => MemoryDisk): Promise<void> {
    for (let turns = Math.floor(this.#random() * 12); turns > 0; turns -= 1) await undefined;
    const { delayMs } = this.#disk;
    if (delayMs > 0) await sleep(this.#random() * 3 * delayMs);
    this.#running = undefined;
    this.#disk = readDisk();
    this.#disk.delayMs = delayMs;
    await this.#start();
  }

  /** What the processor does once a second. */
  async #tick(): Promise<void> {
    try {
      if (this.#isStruck('clock jump', 0.2)) {
        const byMs = Math.floor((this.#random() - 0.5) * 2 * DAY_MS);
        this.#nowMs += byMs;
        this.#isStepOpen = true;
        await this.#processor.shiftClock(byMs);
      }
      await this.#processor.settle();
      this.#isStepOpen = false;
    } catch (error) {
      if (!(error instanceof NotDurableError)) throw error;
    }
  }

  async #settleAll(): Promise<void> {
    this.#disk.faults = [];
    for (let round = 0; round < 5; round += 1) {
      this.#nowMs += 700_000;
      await this.#tick();
      await this.#scrape();
    }
  }

  /** Counters never go down, whatever happened since the last scrape. */
  async #scrape(): Promise<Map<string, number>> {
    const samples = parseExposition(await readMetricsText(this.#processor, true));
    for (const [name, value] of this.#shown) {
      if (!/^llm_\w+(_total|_count|_sum|_bucket)\{/.test(name)) continue;
      if (!((samples.get(name) ?? -1) >= value))
        throw new Error(`${name}: ${value}, then ${samples.get(name)}`);
    }
    this.#shown = samples;
    return samples;
  }

  #isStruck(fault: Fault, chance: number): boolean {
    // The one that a run is about strikes at the first occasion, too.
    const isDue = this.#faults.has(fault) && (!this.struck.has(fault) || this.#random() < chance);
    if (isDue) this.#strike(fault);
    return isDue;
  }

  #strike(fault: Fault): number {
    const count = (this.struck.get(fault) ?? 0) + 1;
    this.struck.set(fault, count);
    return count;
  }

  #shuffle(spans: OtlpSpan[], fault: Fault): void {
    this.#strike(fault);
    for (let index = spans.length - 1; index > 0; index -= 1) {
      const other = Math.floor(this.#random() * (index + 1));
      [spans[index], spans[other]] = [spans[other]!, spans[index]!];
    }
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)]!;
  }
}

const ofTask = (task: number) => ({ 'costspan.task.id': `task-${task}`, 'costspan.task.name': 'resolve' });
