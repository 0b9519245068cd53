import { describe, expect, it } from 'vitest';
import {
  Aggregate,
  type CallRecord,
  type EvidenceRecord,
  type OutcomeJudge,
  renderMetrics,
  type TaskRecord,
} from '../src/index.ts';
import { call, createRandom, NOW_MS, parseExposition, task } from './records.ts';

type Random = () => number;
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const OUTCOMES = ['success', 'failure', 'abandoned'] as const;

/** Three rules, each met by one bit: a failure that some evidence shows, a repeat, and else success. */
const JUDGE: OutcomeJudge = {
  repeatedWithinMs: 1_000,
  attributeNames: new Set(),
  asks: () => true,
  read: ({ subject }) => (subject === 'repeat' ? 2n : 0n),
  decide: (bits) =>
    bits & 1n
      ? { outcome: 'failure', rule: 0 }
      : bits & 2n
        ? { outcome: 'abandoned', rule: 1 }
        : bits & 4n
          ? { outcome: 'success', rule: 2 }
          : undefined,
};

type Event =
  | { kind: 'call'; call: CallRecord }
  | { kind: 'task'; task: TaskRecord }
  | { kind: 'evidence'; evidence: EvidenceRecord };

/** Trees of tasks in several services, with contradictory words about them, from the seed. */
function createEvents(random: Random, count: number): Event[] {
  const events: Event[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = `task-${index}`;
    const inner = index > 0 && random() < 0.5 ? { parentId: `task-${Math.floor(random() * index)}` } : {};
    const at = () => NOW_MS + Math.floor(random() * 2_000);
    const calls = Math.floor(random() * 4);
    for (let made = 0; made < calls; made += 1) {
      const isTasked = random() < 0.9;
      const evidence = { bits: random() < 0.1 ? 1n : 0n, lastBits: random() < 0.2 ? 1n : 0n };
      const digest = random() < 0.4 ? { requestDigest: pick(random, ['d1', 'd2']) } : {};
      const common = { service: pick(random, ['shop', 'worker']), endMs: at(), evidence, ...digest };
      const costPicoUsd = Math.floor(random() * 9e15) % 7_000_000_000_003;
      const own = isTasked ? { task: { id, name: 'resolve' } } : {};
      const status = pick(random, ['ok', 'ok', 'ok', 'error', 'aborted'] as const);
      events.push({ kind: 'call', call: call({ ...common, ...own, status, costPicoUsd }) });
    }
    const ends = random() < 0.8 ? 1 + Math.floor(random() * 2) : 0;
    for (let end = 0; end < ends; end += 1) {
      const said =
        random() < 0.3
          ? { outcome: pick(random, OUTCOMES), outcomeSource: pick(random, ['api', 'http'] as const) }
          : {};
      const session = random() < 0.3 ? { sessionId: pick(random, ['s1', 's2']) } : {};
      const startMs = at();
      const times = { startMs, endMs: startMs + Math.floor(random() * 200) };
      events.push({
        kind: 'task',
        task: task({ id, ...times, ...inner, ...said, ...session, evidence: 4n }),
      });
    }
    if (random() < 0.2) events.push({ kind: 'evidence', evidence: { taskId: id, bits: 1n } });
    if (random() < 0.2)
      events.push({
        kind: 'task',
        task: task({ id, name: '', endMs: at(), outcome: pick(random, OUTCOMES) }),
      });
  }
  return events;
}

function shuffle<T>(random: Random, values: readonly T[]): T[] {
  const shuffled = [...values];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
  }
  return shuffled;
}

function apply(aggregate: Aggregate, event: Event, nowMs: number): void {
  if (event.kind === 'call') aggregate.recordCall(event.call, nowMs);
  else if (event.kind === 'task') aggregate.recordTask(event.task, nowMs);
  else aggregate.recordEvidence(event.evidence, nowMs);
}

const costOf = (event: Event): bigint => (event.kind === 'call' ? BigInt(event.call.costPicoUsd ?? 0) : 0n);

/** Tasks by outcome, corrected by what was reclassified since: what a query over both gives. */
async function readCorrected(aggregate: Aggregate, nowMs: number): Promise<Record<string, number>> {
  const tasks: Record<string, number> = {};
  const add = (outcome: string, count: number) => {
    tasks[outcome] = (tasks[outcome] ?? 0) + count;
  };
  for (const [name, value] of parseExposition(await renderMetrics(aggregate, nowMs))) {
    const [metric] = name.split('{', 1);
    if (metric === 'llm_tasks_total') add(/outcome="(\w+)"/.exec(name)?.[1] ?? '', value);
    if (metric !== 'llm_tasks_reclassified_total') continue;
    add(/from="(\w+)"/.exec(name)?.[1] ?? '', -value);
    add(/to="(\w+)"/.exec(name)?.[1] ?? '', value);
  }
  return Object.fromEntries(
    Object.entries(tasks)
      .filter(([, count]) => count !== 0)
      .sort(),
  );
}

describe.each([1, 2, 3, 4, 5, 6])('trees of tasks, contradictions and evidence (seed %i)', (seed) => {
  it('keep Σ calls = settled + unsettled + untasked at every step, and settled counts never go down', () => {
    const random = createRandom(seed);
    const aggregate = new Aggregate({
      judge: JUDGE,
      settleAfterMs: 4_000,
      settleQuietMs: 300,
      openTasks: 30,
    });
    let nowMs = NOW_MS;
    let receivedPicoUsd = 0n;
    let settled = new Map<string, number | bigint>();
    for (const event of shuffle(random, createEvents(random, 200))) {
      nowMs += Math.floor(random() * 200);
      apply(aggregate, event, nowMs);
      receivedPicoUsd += costOf(event);
      if (random() < 0.3) aggregate.settle(nowMs);
      const totals = aggregate.totals();
      expect(totals.callsPicoUsd).toBe(receivedPicoUsd);
      expect(totals.settledPicoUsd + totals.unsettledPicoUsd + totals.untaskedPicoUsd).toBe(receivedPicoUsd);
      const now = readSettled(aggregate);
      for (const [series, value] of settled)
        expect(now.get(series) ?? 0, series).toBeGreaterThanOrEqual(value);
      settled = now;
    }
    aggregate.settle(nowMs + 60_000);
    expect(aggregate.totals()).toMatchObject({ unsettledPicoUsd: 0n, callsPicoUsd: receivedPicoUsd });
    let wastedPicoUsd = 0n;
    for (const set of aggregate.series)
      if (set.definition.name === 'llm_wasted_cost_usd_total')
        for (const { value } of set.values()) wastedPicoUsd += BigInt(value);
    expect(wastedPicoUsd).toBeGreaterThan(0n);
    expect(wastedPicoUsd).toBeLessThanOrEqual(receivedPicoUsd);
  });

  it('end in the same totals whatever the order of arrival', async () => {
    const random = createRandom(seed + 100);
    const events = createEvents(random, 150);
    const results = new Set<string>();
    const corrected = new Set<string>();
    for (let run = 0; run < 4; run += 1) {
      const atOnce = new Aggregate({ judge: JUDGE });
      // Settles as soon as it knows an outcome; only what comes after a deadline is lost, so there is none here.
      const slow = new Aggregate({ judge: JUDGE, settleAfterMs: 3_600_000, settleQuietMs: 50 });
      let nowMs = NOW_MS;
      for (const event of shuffle(random, events)) {
        apply(atOnce, event, NOW_MS);
        nowMs += Math.floor(random() * 40);
        apply(slow, event, nowMs);
        slow.settle(nowMs);
      }
      const samples = [...parseExposition(await renderMetrics(atOnce, NOW_MS + 3_600_000))];
      // Series at 0 tell of labels that a task had for a while; money does not remember them.
      results.add(
        samples
          .filter(([, value]) => value !== 0)
          .map(([name, value]) => `${name} ${value}`)
          .sort()
          .join('\n'),
      );
      corrected.add(JSON.stringify(await readCorrected(slow, nowMs + 7_200_000)));
      corrected.add(JSON.stringify(await readCorrected(atOnce, NOW_MS + 3_600_000)));
    }
    expect(results.size).toBe(1);
    expect([...corrected]).toHaveLength(1);
  });
});

function readSettled(aggregate: Aggregate): Map<string, number | bigint> {
  const found = new Map<string, number | bigint>();
  for (const set of aggregate.series) {
    if (!/^llm_task(s|_cost_usd)_total$/.test(set.definition.name)) continue;
    for (const { labels, value } of set.values()) found.set([set.definition.name, ...labels].join(), value);
  }
  return found;
}
