/**
 * The sender, a process of its own: `node load.mts '<LoadPlan as JSON>'`. As much as the server takes first, then half
 * of the target at a steady pace, as many senders would. Prints one LoadReport.
 */

import { Body } from './body.mts';
import { type Channel, openChannel, type Transport } from './channel.mts';
import { readCpuSeconds, readPeakRssMb } from './process.mts';
import { createBatch } from './spans.mts';

export interface LoadPlan {
  readonly transport: Transport;
  readonly origin: string;
  /** Is scraped meanwhile, as Prometheus would. */
  readonly metricsUrl: string;
  readonly pid: number;
  readonly tasksPerBatch: number;
  readonly messageChars: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** At a steady pace, spans a second. */
  readonly pacedSpansPerSecond: number;
}

export interface LoadReport {
  /** As fast as it takes them. */
  readonly spansPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  /** CPU seconds of the sender itself: how much of the machine it took from the server. */
  readonly senderCpuSecondsPerMillion: number;
  /** At the steady pace, from the moment at which a request was to be sent. */
  readonly pacedSpansPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly peakRssMb: number;
  readonly bytesPerSpan: number;
  readonly batchSpans: number;
  /** Over the whole run. */
  readonly spans: number;
  readonly calls: number;
  readonly failures: number;
}

/** Senders that wait for their answer before they send again, each with its own body. */
const SENDERS = 6;
/** Requests under way at the steady pace; a request that finds no room counts as late. */
const PACED_SENDERS = 24;
/** One batch in three is of an emitter that knows neither tasks nor prices. */
const OTHER_EVERY = 3;
const SCRAPE_EVERY_MS = 5_000;

class Load {
  readonly #plan: LoadPlan;
  readonly #channel: Channel;
  readonly #bodies: Body[];
  #number = 0;
  spans = 0;
  calls = 0;
  failures = 0;

  constructor(plan: LoadPlan, channel: Channel) {
    this.#plan = plan;
    this.#channel = channel;
    const { tasksPerBatch: tasks, messageChars } = plan;
    const encoding = plan.transport === 'json' ? 'json' : 'protobuf';
    this.#bodies = Array.from({ length: PACED_SENDERS }, (_, index) => {
      const emitter = index % OTHER_EVERY === OTHER_EVERY - 1 ? 'other' : 'costspan';
      return new Body(createBatch({ emitter, tasks, messageChars, number: index }), encoding);
    });
  }

  get bytesPerSpan(): number {
    const bytes = this.#bodies.reduce((sum, body) => sum + body.bytes.length, 0);
    return bytes / this.#bodies.reduce((sum, body) => sum + body.spans, 0);
  }

  get batchSpans(): number {
    return this.#bodies[0]!.spans;
  }

  /** Spans that were taken within the time. */
  async flood(seconds: number): Promise<number> {
    const before = this.spans;
    const endMs = performance.now() + seconds * 1_000;
    const work = async (body: Body): Promise<void> => {
      while (performance.now() < endMs) await this.#send(body);
    };
    await Promise.all(this.#bodies.slice(0, SENDERS).map(work));
    return this.spans - before;
  }

  /** Milliseconds to the answer of each request that was due within the time. */
  async pace(seconds: number): Promise<number[]> {
    const stepMs = (this.batchSpans / this.#plan.pacedSpansPerSecond) * 1_000;
    const free = [...this.#bodies];
    const latencies: number[] = [];
    const under = new Set<Promise<void>>();
    const startMs = performance.now();
    for (let dueMs = startMs; dueMs < startMs + seconds * 1_000; dueMs += stepMs) {
      const waitMs = dueMs - performance.now();
      // It will never come up with it.
      if (waitMs < -seconds * 1_000) break;
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      while (free.length === 0) await Promise.race(under);
      const body = free.shift()!;
      const sending = this.#send(body).then(() => {
        latencies.push(performance.now() - dueMs);
        free.push(body);
        under.delete(sending);
      });
      under.add(sending);
    }
    await Promise.all(under);
    return latencies.sort((a, b) => a - b);
  }

  async #send(body: Body): Promise<void> {
    this.#number += 1;
    body.renew(this.#number);
    if (await this.#channel.send(body.bytes)) {
      this.spans += body.spans;
      this.calls += body.calls;
    } else this.failures += 1;
  }
}

async function run(plan: LoadPlan): Promise<LoadReport> {
  const channel = openChannel(plan.transport, plan.origin, PACED_SENDERS);
  const load = new Load(plan, channel);
  const scraping = setInterval(() => void scrape(plan.metricsUrl), SCRAPE_EVERY_MS);
  await load.flood(plan.warmUpSeconds / 2);
  // Twice, so that what waits for a series to be seen is counted from the start.
  await scrape(plan.metricsUrl);
  await load.flood(plan.warmUpSeconds / 2);
  await scrape(plan.metricsUrl);
  const [startMs, cpu, own] = [performance.now(), readCpuSeconds(plan.pid), process.cpuUsage()];
  const spans = await load.flood(plan.seconds);
  const seconds = (performance.now() - startMs) / 1_000;
  const cpuSeconds = readCpuSeconds(plan.pid) - cpu;
  const { user, system } = process.cpuUsage(own);
  const pacedStartMs = performance.now();
  const latencies = await load.pace(plan.seconds);
  const pacedSeconds = (performance.now() - pacedStartMs) / 1_000;
  clearInterval(scraping);
  channel.close();
  return {
    spansPerSecond: spans / seconds,
    cpuSecondsPerMillion: (cpuSeconds / spans) * 1e6,
    senderCpuSecondsPerMillion: (user + system) / spans,
    pacedSpansPerSecond: (latencies.length * load.batchSpans) / pacedSeconds,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? Number.NaN,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    peakRssMb: readPeakRssMb(plan.pid),
    bytesPerSpan: load.bytesPerSpan,
    batchSpans: load.batchSpans,
    spans: load.spans,
    calls: load.calls,
    failures: load.failures,
  };
}

/** As Prometheus asks. */
async function scrape(url: string): Promise<void> {
  const headers = {
    accept: 'text/plain;version=0.0.4',
    'user-agent': 'Prometheus/3.8.0',
    'x-prometheus-scrape-timeout-seconds': '10',
  };
  await (await fetch(url, { headers })).arrayBuffer();
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2]!) as LoadPlan)));
