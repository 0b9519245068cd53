import type { CallRecord, TaskRecord } from '../src/index.ts';

/** 22 November 2026, noon UTC. */
export const NOW_MS = Date.UTC(2026, 10, 22, 12);
export const USD = 1e12;

let spans = 0;
/** A call that cost one cent, with what differs. */
export function call(differs: Partial<CallRecord> = {}): CallRecord {
  spans += 1;
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: spans.toString(16).padStart(16, '0'),
    service: 'shop',
    environment: 'prod',
    feature: 'chat',
    userTier: 'free',
    tenant: 'acme',
    provider: 'openai',
    model: 'gpt-5',
    operation: 'chat',
    mode: 'standard',
    status: 'ok',
    endMs: NOW_MS,
    durationSeconds: 0.25,
    retries: 0,
    tokens: { input: 100, cacheRead: 0, cacheWrite: 0, output: 10, reasoning: 5 },
    costPicoUsd: 0.01 * USD,
    costSource: 'local',
    ...differs,
  };
}

/** The end of task `t1`, without an outcome. */
export function task(differs: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id: 't1',
    name: 'resolve',
    service: 'shop',
    environment: 'prod',
    feature: 'chat',
    userTier: 'free',
    endMs: NOW_MS,
    ...differs,
  };
}

/** Reproducible numbers in [0, 1): mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Samples of an exposition by their whole name with labels. */
export function parseExposition(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    const name = line.slice(0, space);
    if (samples.has(name)) throw new Error(`the exposition has ${name} twice`);
    samples.set(name, Number(line.slice(space + 1)));
  }
  return samples;
}

/** Every sample of the metric that is not 0. */
export function nonZero(samples: ReadonlyMap<string, number>, metric: string): Record<string, number> {
  const found = [...samples].filter(([name, value]) => name.split('{', 1)[0] === metric && value !== 0);
  return Object.fromEntries(found.map(([name, value]) => [name.slice(metric.length), value]));
}

export function sum(samples: ReadonlyMap<string, number>, metric: string): number {
  let total = 0;
  for (const [name, value] of samples) if (name.split('{', 1)[0] === metric) total += value;
  return total;
}
