import { Body } from './body.mts';
import type { Channel, Transport } from './channel.mts';
import { createBatch } from './spans.mts';

export interface SenderPlan {
  readonly transport: Transport;
  readonly origin: string;
  /** Is scraped meanwhile, as Prometheus would. */
  readonly metricsUrl: string;
  readonly pid: number;
  readonly tasksPerBatch: number;
  readonly messageChars: number;
  /** At a steady pace, spans a second. */
  readonly pacedSpansPerSecond: number;
}

/** Senders that wait for their answer before they send again, each with its own body. */
const SENDERS = 6;
/** Requests under way at the steady pace; a request that finds no room counts as late. */
export const PACED_SENDERS = 24;
/** One batch in three is of an emitter that knows neither tasks nor prices. */
const OTHER_EVERY = 3;
export const SCRAPE_EVERY_MS = 5_000;
/** A server that is too slow for so many spans is not waited for any longer. */
const MAX_FLOOD_MS = 30_000;

/** Sends batches of new spans, as fast as they are taken or at a pace. */
export class Sender {
  #pacedSpansPerSecond: number;
  readonly #channel: Channel;
  readonly #bodies: Body[];
  #number = 0;
  spans = 0;
  calls = 0;
  failures = 0;

  constructor(plan: SenderPlan, channel: Channel) {
    this.#pacedSpansPerSecond = plan.pacedSpansPerSecond;
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

  /** The same one, from now on at this pace. */
  atPace(spansPerSecond: number): this {
    this.#pacedSpansPerSecond = spansPerSecond;
    return this;
  }

  /** Spans that were taken within the time, or longer until there are so many. */
  async flood(seconds: number, atLeastSpans = 0): Promise<number> {
    const before = this.spans;
    const startMs = performance.now();
    const isOver = (): boolean => {
      const passedMs = performance.now() - startMs;
      if (passedMs < seconds * 1_000) return false;
      return this.spans - before >= atLeastSpans || passedMs > MAX_FLOOD_MS;
    };
    const work = async (body: Body): Promise<void> => {
      while (!isOver()) await this.#send(body);
    };
    await Promise.all(this.#bodies.slice(0, SENDERS).map(work));
    return this.spans - before;
  }

  /** Milliseconds to the answer of each request that was due within the time. */
  async pace(seconds: number): Promise<number[]> {
    const stepMs = (this.batchSpans / this.#pacedSpansPerSecond) * 1_000;
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

/** As Prometheus asks. */
export async function scrape(url: string): Promise<void> {
  const headers = {
    accept: 'text/plain;version=0.0.4',
    'user-agent': 'Prometheus/3.8.0',
    'x-prometheus-scrape-timeout-seconds': '10',
  };
  await (await fetch(url, { headers })).arrayBuffer();
}
