import { fileURLToPath } from 'node:url';
import { run } from '@costspan/testkit';
import { protocolOf, type Transport } from '../ingest/channel.mts';
import type { LoadPlan, LoadReport } from '../ingest/load.mts';
import { CALLS_PER_TASK, SPANS_PER_TASK } from '../ingest/spans.mts';
import {
  COLLECTOR,
  COLLECTOR_WITH_LABELS,
  COSTSPAN,
  PLAIN_DECODER,
  type Server,
  type Subject,
} from '../ingest/subjects.mts';
import { median } from '../quantiles.mts';
import { countRounds } from '../rounds.mts';
import { formatNumber, formatRange, type Section, type Target } from '../table.mts';

const ROUNDS = 3;
const WARM_UP_SECONDS = 6;
const WARM_UP_SPANS = 80_000;
const SECONDS = 6;
/** On two cores; the sender has its share of them. */
const TARGET_SPANS_PER_SECOND = 100_000;
const TARGET_P99_MS = 50;
const LOAD = fileURLToPath(new URL('../ingest/load.mts', import.meta.url));
const LOAD_LIMIT_MS = 180_000;

/** One kind of load, sent to each subject in turn. */
interface Scenario {
  readonly title: string;
  readonly transport: Transport;
  readonly tasksPerBatch: number;
  readonly messageChars: number;
  readonly subjects: readonly Subject[];
  /** What is different about it. */
  readonly note?: string;
}

const LEAN = { tasksPerBatch: 85, messageChars: 0 };
const SCENARIOS: readonly Scenario[] = [
  {
    title: 'OTLP protobuf over HTTP',
    transport: 'protobuf',
    ...LEAN,
    subjects: [COSTSPAN, COLLECTOR, COLLECTOR_WITH_LABELS, PLAIN_DECODER],
  },
  {
    title: 'OTLP protobuf over HTTP, gzip',
    transport: 'gzip',
    ...LEAN,
    subjects: [COSTSPAN, COLLECTOR],
    note: 'The sender compresses, as an exporter of a Collector does by default: that is in its rates and delays, not in the CPU of the server.',
  },
  { title: 'OTLP JSON over HTTP', transport: 'json', ...LEAN, subjects: [COSTSPAN, COLLECTOR] },
  { title: 'OTLP over gRPC', transport: 'grpc', ...LEAN, subjects: [COSTSPAN, COLLECTOR] },
  {
    title: 'OTLP protobuf over HTTP, with prompts and answers',
    transport: 'protobuf',
    tasksPerBatch: 10,
    messageChars: 38_000,
    subjects: [COSTSPAN, COLLECTOR, PLAIN_DECODER],
  },
];

type Reports = ReadonlyMap<Subject, readonly LoadReport[]>;

/** What a span costs the processor, from the socket to the disk, beside the Collector and a plain decoder. */
export async function measureIngest(): Promise<Section[]> {
  const sections: Section[] = [];
  for (const scenario of SCENARIOS) sections.push(renderScenario(scenario, await measureScenario(scenario)));
  return sections;
}

/** Interleaved, every other round backwards, each run in fresh processes. */
async function measureScenario(scenario: Scenario): Promise<Reports> {
  const reports = new Map<Subject, LoadReport[]>(scenario.subjects.map((subject) => [subject, []]));
  for (let round = 0; round < countRounds(ROUNDS); round += 1) {
    const order = round % 2 === 0 ? scenario.subjects : scenario.subjects.toReversed();
    for (const subject of order) reports.get(subject)?.push(await measureOnce(subject, scenario));
    process.stderr.write('.');
  }
  return reports;
}

async function measureOnce(subject: Subject, scenario: Scenario): Promise<LoadReport> {
  const { transport, tasksPerBatch, messageChars } = scenario;
  const server = await subject.start();
  try {
    const plan: LoadPlan = {
      transport,
      origin: server.origins[protocolOf(transport)],
      metricsUrl: server.metricsUrl,
      pid: server.pid,
      tasksPerBatch,
      messageChars,
      warmUpSeconds: WARM_UP_SECONDS,
      warmUpSpans: messageChars === 0 ? WARM_UP_SPANS : WARM_UP_SPANS / 4,
      seconds: SECONDS,
      // Half of the target in bytes, too: twenty times larger spans come as many times more seldom.
      pacedSpansPerSecond: messageChars === 0 ? TARGET_SPANS_PER_SECOND / 2 : TARGET_SPANS_PER_SECOND / 40,
    };
    const sent = await run(process.execPath, [LOAD, JSON.stringify(plan)], { timeoutMs: LOAD_LIMIT_MS });
    if (sent.exitCode !== 0) throw new Error(`the sender to ${subject.name} failed: ${sent.stderr}`);
    const report = JSON.parse(sent.stdout) as LoadReport;
    await checkCount(server, report, subject);
    return report;
  } finally {
    await server.stop();
  }
}

const COUNTED_WITHIN_MS = 20_000;

/** Nobody is fast by losing anything: what was acknowledged must have been counted, soon, and all of it taken. */
async function checkCount(
  { metricsUrl, counted }: Server,
  report: LoadReport,
  subject: Subject,
): Promise<void> {
  const wanted = report[counted.of];
  const endMs = performance.now() + COUNTED_WITHIN_MS;
  let count = Number.NaN;
  do {
    const text = await (await fetch(metricsUrl)).text();
    count = [...text.matchAll(counted.metric)].reduce((sum, match) => sum + Number(match[1]), 0);
    if (count === wanted && report.failures === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  } while (performance.now() < endMs);
  throw new Error(
    `${subject.name} has counted ${count} of ${wanted} ${counted.of}; ${report.failures} requests failed`,
  );
}

function renderScenario(scenario: Scenario, reports: Reports): Section {
  const read = (subject: Subject, figure: keyof LoadReport) =>
    (reports.get(subject) ?? []).map((report) => report[figure]);
  const first = reports.get(COSTSPAN)?.[0];
  const bytes = formatNumber((first?.bytesPerSpan ?? 0) / 1_000, 1);
  return {
    title: `Ingestion: ${scenario.title}`,
    method: `Tasks of ${SPANS_PER_TASK} spans, ${CALLS_PER_TASK} of them model calls, ${bytes} kB a span, ${first?.batchSpans} spans a request; two requests in three from costspan's own instrumentation, one from another emitter. ${countRounds(ROUNDS)} interleaved rounds in fresh processes: at least ${WARM_UP_SECONDS} s and so many spans to warm up that V8 has compiled what it will, ${SECONDS} s as fast as answers come, ${SECONDS} s at the steady pace of the last columns. CPU is that of the whole process by the system's books; the sender runs on the same two cores. Every span that was acknowledged was found in the server's own count.${scenario.note === undefined ? '' : ` ${scenario.note}`}`,
    head: [
      'server',
      'CPU s per million spans',
      'range',
      'spans/s',
      'pace, spans/s',
      'p50 ms',
      'p99 ms',
      'peak RSS MB',
    ],
    rows: scenario.subjects.map((subject) => [
      subject.name,
      formatNumber(median(read(subject, 'cpuSecondsPerMillion')), 1),
      formatRange(read(subject, 'cpuSecondsPerMillion'), 1),
      Math.round(median(read(subject, 'spansPerSecond'))).toLocaleString('en'),
      Math.round(median(read(subject, 'pacedSpansPerSecond'))).toLocaleString('en'),
      formatNumber(median(read(subject, 'p50Ms')), 1),
      formatNumber(median(read(subject, 'p99Ms')), 1),
      formatNumber(median(read(subject, 'peakRssMb')), 0),
    ]),
    targets: readTargets(scenario, read),
  };
}

function readTargets(
  { messageChars, transport }: Scenario,
  read: (subject: Subject, figure: keyof LoadReport) => number[],
): Target[] {
  const [own, collector] = [read(COSTSPAN, 'cpuSecondsPerMillion'), read(COLLECTOR, 'cpuSecondsPerMillion')];
  const ratio = median(own.map((value, round) => value / (collector[round] ?? Number.NaN)));
  const perSecond = median(read(COSTSPAN, 'spansPerSecond'));
  const p99Ms = median(read(COSTSPAN, 'p99Ms'));
  const cpu = {
    text: `a span takes ${formatNumber(ratio, 2)} of the CPU that it takes the Collector in the same round; at most 1`,
    isMet: ratio <= 1,
  };
  const latency = {
    text: `p99 of the acknowledgement ${formatNumber(p99Ms, 1)} ms at that pace; under ${TARGET_P99_MS} ms`,
    isMet: p99Ms < TARGET_P99_MS,
  };
  if (messageChars > 0 || transport === 'gzip') return [cpu, latency];
  const rate = {
    text: `${Math.round(perSecond).toLocaleString('en')} spans a second, durable; at least ${TARGET_SPANS_PER_SECOND.toLocaleString('en')} on two cores, which the sender shares here`,
    isMet: perSecond >= TARGET_SPANS_PER_SECOND,
  };
  return [cpu, rate, latency];
}
