import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess } from '@costspan/testkit';
import {
  REPORT_EVENT,
  type SoakPlan,
  type SoakReport,
  type SoakSample,
  stretchEvent,
} from '../ingest/soak.mts';
import { COSTSPAN, type Server } from '../ingest/subjects.mts';
import { formatNumber, type Section } from '../table.mts';

/** `COSTSPAN_SOAK=60` is a quick look. */
const SECONDS = Number(process.env.COSTSPAN_SOAK) || 600;
/** A machine that is busy with other work comes up with it late, by as much again at most. */
const LIFE_MS = (2 * SECONDS + 240) * 1_000;
const WARM_UP_SECONDS = 20;
const STRETCHES = 10;
/**
 * So many spans and all that has a limit has reached it. The last are those that no setting makes smaller: names for
 * evaluations in logs, and the places of spans of other emitters, which only every third body has.
 */
const SETTLED_SPANS = 480_000;
const MAX_GROWTH = 0.1;
/** So that a slow machine reaches them, too, in the first minutes. */
const CONFIG = 'limits: { open_tasks: 20000, settled_tasks: 20000, dedupe_spans: 100000 }\n';
const SOAK = fileURLToPath(new URL('../ingest/soak.mts', import.meta.url));

/** A stretch, and what the processor held at its end. */
interface Stretch extends SoakSample {
  readonly heapMb: number;
}

/** Whether the processor stays as it is over ten minutes at half of what it can take. */
export async function measureSoak(): Promise<Section[]> {
  const server = await COSTSPAN.start({ lifeMs: LIFE_MS, config: CONFIG, isHeapWatched: true });
  try {
    const plan: SoakPlan = {
      transport: 'protobuf',
      origin: server.origins.http,
      metricsUrl: server.metricsUrl,
      pid: server.pid,
      tasksPerBatch: 85,
      messageChars: 0,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds: SECONDS,
      samples: STRETCHES,
    };
    const sender = startProcess(process.execPath, [SOAK, JSON.stringify(plan)], { timeoutMs: LIFE_MS });
    const stretches = await watch(sender, server);
    const report = (await waitFor(sender, REPORT_EVENT)) as SoakReport;
    return [renderSoak({ report, stretches, counted: await countCalls(server.metricsUrl) })];
  } finally {
    await server.stop();
  }
}

async function watch(sender: RunningProcess, server: Server): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  for (let number = 1; number <= STRETCHES; number += 1) {
    const sample = (await waitFor(sender, stretchEvent(number))) as SoakSample;
    stretches.push({ ...sample, heapMb: (await server.readHeapMb?.()) ?? Number.NaN });
  }
  return stretches;
}

const waitFor = async (sender: RunningProcess, event: string): Promise<unknown> =>
  sender.waitForEvent(event, { timeoutMs: LIFE_MS });

async function countCalls(metricsUrl: string): Promise<number> {
  // A look settles what is due; what is new is shown once a scrape has seen it at 0, and one has by now.
  const text = await (await fetch(metricsUrl)).text();
  return [...text.matchAll(COUNTED)].reduce((sum, match) => sum + Number(match[1]), 0);
}
const COUNTED = /^llm_calls_total\{.* (\d+)$/gm;

/**
 * From the first half to the last, by the least of each: where a machine is busy, requests that wait are held, too, and a
 * leak is what never goes away again.
 */
function findGrowth(settled: readonly Stretch[]): number {
  const half = Math.ceil(settled.length / 2);
  const least = (stretches: readonly Stretch[]): number => Math.min(...stretches.map(({ heapMb }) => heapMb));
  return least(settled.slice(half)) / least(settled.slice(0, half)) - 1;
}

interface Soaked {
  readonly report: SoakReport;
  readonly stretches: readonly Stretch[];
  readonly counted: number;
}

function renderSoak({ report, stretches, counted }: Soaked): Section {
  const { fullSpansPerSecond, failures, spans, calls } = report;
  const settled = stretches.filter((stretch) => stretch.spans >= SETTLED_SPANS);
  const isLong = settled.length > 1;
  const growth = findGrowth(settled);
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  return {
    title: `Soak: ${Math.round(SECONDS / 60)} minutes at half load`,
    method: `The processor, durable, for ${WARM_UP_SECONDS} s as fast as answers come (${whole(fullSpansPerSecond)} spans a second), then at half of that; scraped every five seconds; at most 20,000 open and 20,000 settled tasks and 100,000 remembered spans. Held is what is left at the end of each stretch after all garbage was collected, typed arrays and requests that wait included; growth is that of the least of it. What is resident (median of the stretch) depends on how busy the machine is. ${whole(spans)} spans were sent.`,
    head: ['until, s', 'spans sent', 'spans/s', 'p99 ms', 'held MB', 'RSS MB'],
    rows: stretches.map((stretch) => [
      whole(stretch.endSeconds),
      whole(stretch.spans),
      whole(stretch.spansPerSecond),
      formatNumber(stretch.p99Ms, 1),
      formatNumber(stretch.heapMb, 1),
      whole(stretch.rssMb),
    ]),
    targets: [
      {
        text: isLong
          ? `what is held grows by ${formatNumber(growth * 100, 1)} % from ${whole(settled[0]?.spans ?? 0)} spans on, when every limit is reached; at most ${MAX_GROWTH * 100} %`
          : `too few spans were sent to reach every limit (${whole(SETTLED_SPANS)}): whether what is held grows is not known`,
        isMet: isLong && growth <= MAX_GROWTH,
      },
      {
        text: `${whole(counted)} calls are counted of ${whole(calls)} that were acknowledged, ${failures} requests were refused; all and none`,
        isMet: counted === calls && failures === 0,
      },
    ],
  };
}
