import { type Gauge as GaugeClass, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import {
  Aggregate,
  METRICS_FORMAT,
  type MetricsFormat,
  readSnapshots,
  renderSnapshots,
  type Snapshot,
} from '../src/index.ts';
import { call, createRandom, NOW_MS, task } from './records.ts';

type Values = readonly { readonly labels: object; readonly value: number; readonly metricName?: string }[];

/** The samples of a metric as prom-client takes them, put together anew from what the aggregate holds. */
function listValues(aggregate: Aggregate, snapshot: Snapshot): Values {
  if ('samples' in snapshot) return snapshot.samples.map((sample) => ({ ...sample }));
  const { name, labels: names, buckets = [] } = snapshot.definition;
  const set = aggregate.series.find(({ definition }) => definition === snapshot.definition);
  return [...(set?.values() ?? [])].flatMap((series): Values => {
    const labels = Object.fromEntries(names.map((label, index) => [label, series.labels[index] ?? '']));
    const value = typeof series.value === 'bigint' ? Number(series.value) / 1e12 : series.value;
    if (snapshot.definition.type !== 'histogram') return [{ labels, value }];
    const [, count = 0, ...counts] = series.readAmounts().map(Number);
    const exemplar = snapshot.exemplars.get(series);
    const inBucket = [...buckets, Number.POSITIVE_INFINITY].findIndex(
      (bound) => exemplar !== undefined && exemplar.observed <= bound,
    );
    const lines = [...buckets, '+Inf'].map((bound, index) => ({
      metricName: `${name}_bucket`,
      labels: { le: `${bound}`, ...labels },
      value: counts.slice(0, index + 1).reduce((sum, one) => sum + one, 0),
      ...(index === inBucket && exemplar !== undefined
        ? {
            exemplar: {
              labelSet: { trace_id: exemplar.traceId, span_id: exemplar.spanId },
              value: exemplar.observed,
              timestamp: exemplar.endMs / 1000,
            },
          }
        : {}),
    }));
    return [
      ...lines,
      { metricName: `${name}_sum`, labels, value },
      { metricName: `${name}_count`, labels, value: count },
    ];
  });
}

/** What prom-client prints for the same, all at once. */
function renderWithClient(
  aggregate: Aggregate,
  snapshots: readonly Snapshot[],
  format: MetricsFormat,
): Promise<string> {
  const registry = new Registry<MetricsFormat>();
  registry.setContentType(format);
  for (const snapshot of snapshots) {
    const { name, help, type } = snapshot.definition;
    const isOpenCounter = type === 'counter' && format === METRICS_FORMAT.OPENMETRICS;
    const printed = isOpenCounter ? name.replace(/_total$/, '') : name;
    const metric = { name: printed, help, type, values: listValues(aggregate, snapshot) };
    registry.registerMetric({ name, get: async () => metric } as unknown as GaugeClass);
  }
  return registry.metrics();
}

/** Calls and tasks with every character that has to be escaped. */
function createAggregate(): Aggregate {
  const random = createRandom(7);
  const aggregate = new Aggregate({
    budgets: [],
    tenants: { allow: ['acme "west"\\coast'], top: 3 },
  });
  const texts = ['chat', 'Überblick\nzwei', 'say "hi"', 'C:\\temp', '', '日本語', '} 1\nfake 2'];
  const pick = () => texts[Math.floor(random() * texts.length)]!;
  for (let index = 0; index < 400; index += 1) {
    const seconds = random() * 40;
    aggregate.recordCall(
      call({
        feature: pick(),
        model: pick(),
        tenant: pick(),
        durationSeconds: seconds,
        timeToFirstChunkSeconds: seconds / 3,
        costPicoUsd: Math.floor(random() * 1e12),
        ...(random() < 0.5 ? { task: { id: `t${index % 50}`, name: pick() } } : {}),
        ...(random() < 0.1 ? { status: 'error' as const, retries: 2 } : {}),
      }),
      NOW_MS,
    );
    if (random() < 0.3) aggregate.recordTask(task({ id: `t${index % 50}`, outcome: 'failure' }), NOW_MS);
  }
  aggregate.settle(NOW_MS + 60_000);
  return aggregate;
}

async function takePieces(pieces: AsyncIterable<string>): Promise<string[]> {
  const taken: string[] = [];
  for await (const piece of pieces) taken.push(piece);
  return taken;
}

it.each(Object.values(METRICS_FORMAT))(
  'prints in pieces what prom-client prints at once: %s',
  async (format) => {
    const aggregate = createAggregate();
    const snapshots = readSnapshots(aggregate, NOW_MS);
    const pieces = await takePieces(renderSnapshots(snapshots, format));
    const text = pieces.join('');
    expect(text).toBe(await renderWithClient(aggregate, snapshots, format));
    expect(text.includes('# {trace_id=')).toBe(format === METRICS_FORMAT.OPENMETRICS);
    expect(pieces.length).toBeGreaterThan(3);
    for (const piece of pieces) expect(piece.split('\n').length).toBeLessThan(505);
  },
);

it('shows the moment at which it was read, whatever comes while it is rendered', async () => {
  const aggregate = createAggregate();
  const expected = (await takePieces(renderSnapshots(readSnapshots(aggregate, NOW_MS)))).join('');
  const pieces = renderSnapshots(readSnapshots(aggregate, NOW_MS));
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    aggregate.recordCall(call({ feature: `new-${text.length}` }), NOW_MS);
    aggregate.recordCall(call(), NOW_MS);
    aggregate.markScraped(NOW_MS);
  }
  expect(text).toBe(expected);
});
