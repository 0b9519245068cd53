import { fileURLToPath } from 'node:url';
import { run } from '@costspan/testkit';
import type { SoakPlan, SoakReport } from '../ingest/soak.mts';
import { COSTSPAN } from '../ingest/subjects.mts';
import { formatNumber, type Section } from '../table.mts';

/** `COSTSPAN_SOAK=60` is a quick look. */
const SECONDS = Number(process.env.COSTSPAN_SOAK) || 600;
/** A machine that is busy with other work comes up with it late, by as much again at most. */
const LIFE_MS = (2 * SECONDS + 240) * 1_000;
const WARM_UP_SECONDS = 20;
const SAMPLES = 10;
/** All that has a limit has reached it by then. */
const SETTLED_SAMPLES = 3;
const MAX_GROWTH = 0.1;
/** So that a slow machine reaches them, too, in the first minutes. */
const CONFIG = 'limits: { open_tasks: 20000, dedupe_spans: 100000 }\n';
const SOAK = fileURLToPath(new URL('../ingest/soak.mts', import.meta.url));

/** Whether the processor stays as it is over ten minutes at half of what it can take. */
export async function measureSoak(): Promise<Section[]> {
  const server = await COSTSPAN.start({ lifeMs: LIFE_MS, config: CONFIG });
  try {
    const plan: SoakPlan = {
      transport: 'protobuf',
      origin: server.origins.protobuf,
      metricsUrl: server.metricsUrl,
      pid: server.pid,
      tasksPerBatch: 85,
      messageChars: 0,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds: SECONDS,
      samples: SAMPLES,
    };
    const sent = await run(process.execPath, [SOAK, JSON.stringify(plan)], { timeoutMs: LIFE_MS });
    if (sent.exitCode !== 0) throw new Error(`the sender of the soak failed: ${sent.stderr}`);
    const report = JSON.parse(sent.stdout) as SoakReport;
    return [renderSoak(report, await countCalls(server.metricsUrl))];
  } finally {
    await server.stop();
  }
}

async function countCalls(metricsUrl: string): Promise<number> {
  // A look settles what is due; what is new is shown once a scrape has seen it at 0, and one has by now.
  const text = await (await fetch(metricsUrl)).text();
  return [...text.matchAll(COUNTED)].reduce((sum, match) => sum + Number(match[1]), 0);
}
const COUNTED = /^llm_calls_total\{.* (\d+)$/gm;

function renderSoak(report: SoakReport, counted: number): Section {
  const { samples, fullSpansPerSecond, failures, spans, calls } = report;
  const settled = samples.slice(SETTLED_SAMPLES).map(({ rssMb }) => rssMb);
  const growth = (settled.at(-1) ?? Number.NaN) / (settled[0] ?? Number.NaN) - 1;
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  return {
    title: `Soak: ${Math.round(SECONDS / 60)} minutes at half load`,
    method: `The processor, durable, for ${WARM_UP_SECONDS} s as fast as answers come (${whole(fullSpansPerSecond)} spans a second), then at half of that; scraped every five seconds; at most 20,000 open tasks and 100,000 remembered spans. Memory is the median of what is resident in each stretch. ${whole(spans)} spans were sent.`,
    head: ['until, s', 'spans/s', 'p99 ms', 'RSS MB'],
    rows: samples.map(({ endSeconds, spansPerSecond, p99Ms, rssMb }) => [
      whole(endSeconds),
      whole(spansPerSecond),
      formatNumber(p99Ms, 1),
      whole(rssMb),
    ]),
    targets: [
      {
        text: `memory grows by ${formatNumber(growth * 100, 1)} % from stretch ${SETTLED_SAMPLES + 1} to the last; at most ${MAX_GROWTH * 100} %`,
        isMet: growth <= MAX_GROWTH,
      },
      {
        text: `${whole(counted)} calls are counted of ${whole(calls)} that were acknowledged, ${failures} requests were refused; all and none`,
        isMet: counted === calls && failures === 0,
      },
    ],
  };
}
