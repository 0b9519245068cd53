// What tasks cost the processor: 1,000,000 tasks of 3 calls each, 200,000 of them open at a time.
// `node test/bench/tasks.mts` after a build. Never a timed test: the numbers are for reading.
import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const { DEFAULT_CONFIG }: typeof import('@costspan/config') = require('@costspan/config');
const { boundHeapGrowth, Processor }: typeof import('@costspan/processor') = require('@costspan/processor');
const { priceUsage }: typeof import('@costspan/pricing') = require('@costspan/pricing');

const TARGET_RSS_MB = 600;
const CALLS_PER_TASK = 3;
const CALL_PICO_USD = 10_000_000_000n;
const START_MS = Date.UTC(2026, 10, 22, 12);
/** A batch as an exporter sends them. */
const SPANS_PER_BATCH = 512;
const { values } = parseArgs({
  options: { tasks: { type: 'string', default: '1000000' }, open: { type: 'string', default: '200000' } },
});
const tasks = Number(values.tasks);
const open = Number(values.open);

type SpanView = Parameters<InstanceType<typeof Processor>['ingest']>[0]['spans'][number];

let spans = 0;
const resource = { 'service.name': 'shop', 'deployment.environment.name': 'prod' };

/** Strings are made anew for every span, as a decoder does: shared ones would flatter the memory. */
function createSpan(
  index: number,
  differs: Pick<SpanView, 'name' | 'kind'> & { attributes: object },
): SpanView {
  spans += 1;
  return {
    traceId: index.toString(16).padStart(32, 'a'),
    spanId: spans.toString(16).padStart(16, '0'),
    parentSpanId: index.toString(16).padStart(16, 'b'),
    startMs: START_MS - 1_000,
    endMs: START_MS + (spans % 1_000),
    hasErrorStatus: false,
    resource,
    scopeName: '@costspan/instrumentation',
    ...differs,
    attributes: {
      'costspan.task.id': `7b1a4c2e-0d1f-4b6a-9c3d-${index.toString(16).padStart(12, '0')}`,
      'costspan.task.name': `resolve-ticket-${index % 20}`,
      'costspan.feature': `feature-${index % 10}`,
      'costspan.user.tier': index % 3 === 0 ? 'pro' : 'free',
      ...differs.attributes,
    },
  };
}

const createCall = (index: number): SpanView =>
  createSpan(index, {
    name: 'chat gpt-5-mini',
    kind: 'client',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5-mini',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.output_tokens': 100,
      'gen_ai.usage.cost.amount': 0.01,
      'costspan.request.digest': `k3Qq6f0aV${spans.toString(36).padStart(7, '0')}`,
      'costspan.cost.status': 'priced',
    },
  });

const createEnd = (index: number): SpanView =>
  createSpan(index, {
    name: `task resolve-ticket-${index % 20}`,
    kind: 'internal',
    attributes: { 'http.response.status_code': index % 10 === 0 ? 500 : 200 },
  });

const clock = { ms: START_MS };
boundHeapGrowth();
const processor = new Processor({ config: DEFAULT_CONFIG, price: priceUsage, now: () => clock.ms });
let batch: SpanView[] = [];
let peakRssMb = 0;
/** Microseconds of CPU, garbage collection included: a busy machine takes time and no CPU from us. */
let workUs = 0;

/** Only the processor's own work counts for the rate. */
async function measure(work: () => Promise<unknown>): Promise<void> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  workUs += user + system;
}

async function send(span: SpanView): Promise<void> {
  batch.push(span);
  if (batch.length === SPANS_PER_BATCH) await flush();
}

async function flush(): Promise<void> {
  await measure(() => processor.ingest({ spans: batch, rejected: [] }, 0));
  // Between two requests the process has its turns, as it has with sockets.
  await nextTurn();
  batch = [];
}

const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576);
let peakOpen = 0;

// A task ends when `open` newer ones have begun; 1,000 begin in a second.
for (let index = 0; index < tasks + open; index += 1) {
  if (index < tasks) for (let made = 0; made < CALLS_PER_TASK; made += 1) await send(createCall(index));
  if (index >= open) await send(createEnd(index - open));
  clock.ms += 1;
  if (index % 1_000 !== 0) continue;
  await measure(() => processor.settle());
  peakOpen = Math.max(peakOpen, processor.aggregate.openTasks);
  peakRssMb = Math.max(peakRssMb, megabytes(process.memoryUsage.rss()));
}
await flush();
clock.ms += 3_600_000;
await processor.settle();

const totals = processor.aggregate.totals();
const expectedPicoUsd = BigInt(tasks * CALLS_PER_TASK) * CALL_PICO_USD;
const isExact =
  totals.settledPicoUsd === expectedPicoUsd &&
  totals.callsPicoUsd === expectedPicoUsd &&
  totals.unsettledPicoUsd === 0n;
const report = {
  tasks,
  spans,
  openAtMost: peakOpen,
  spansPerCpuSecond: Math.round((spans / workUs) * 1e6),
  peakRssMb,
  targetRssMb: TARGET_RSS_MB,
  heapMb: megabytes(process.memoryUsage().heapUsed),
  sumsAreExact: isExact,
};
console.log(JSON.stringify(report, undefined, 2));
if (!isExact || peakRssMb > TARGET_RSS_MB) process.exitCode = 1;
