/**
 * The sender of the soak, a process of its own: `node soak.mts '<SoakPlan as JSON>'`. A while as fast as answers come,
 * then for long at half of that. Prints each SoakSample as an event when it is over, and the SoakReport as the last.
 */
import { median, percentile } from '../quantiles.mts';
import { openChannel } from './channel.mts';
import { readRssMb } from './process.mts';
import { PACED_SENDERS, SCRAPE_EVERY_MS, Sender, type SenderPlan, scrape } from './sender.mts';

export interface SoakPlan extends Omit<SenderPlan, 'pacedSpansPerSecond'> {
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly samples: number;
}

/** A stretch of the soak. */
export interface SoakSample {
  readonly endSeconds: number;
  /** By its end, since the start. */
  readonly spans: number;
  readonly spansPerSecond: number;
  readonly p99Ms: number;
  /** Median over the stretch. */
  readonly rssMb: number;
}

/** The event of a stretch, counted from 1. */
export const stretchEvent = (number: number): string => `stretch-${number}`;
export const REPORT_EVENT = 'report';

export interface SoakReport {
  readonly fullSpansPerSecond: number;
  readonly spans: number;
  readonly calls: number;
  readonly failures: number;
}

const RSS_EVERY_MS = 500;

async function run(plan: SoakPlan): Promise<void> {
  const channel = openChannel(plan.transport, plan.origin, PACED_SENDERS);
  const scraping = setInterval(() => void scrape(plan.metricsUrl).catch(() => {}), SCRAPE_EVERY_MS);
  const first = new Sender({ ...plan, pacedSpansPerSecond: 1 }, channel);
  const taken = await first.flood(plan.warmUpSeconds);
  const fullSpansPerSecond = taken / plan.warmUpSeconds;
  const paced = first.atPace(fullSpansPerSecond / 2);
  for (let number = 1; number <= plan.samples; number += 1)
    tell(stretchEvent(number), await soak(paced, plan, (number * plan.seconds) / plan.samples));
  clearInterval(scraping);
  channel.close();
  const { spans, calls, failures } = paced;
  tell(REPORT_EVENT, { fullSpansPerSecond, spans, calls, failures } satisfies SoakReport);
}

const tell = (event: string, of: object): void => {
  process.stdout.write(`${JSON.stringify({ event, ...of })}\n`);
};

async function soak(
  sender: Sender,
  { pid, seconds, samples }: SoakPlan,
  endSeconds: number,
): Promise<SoakSample> {
  const rss: number[] = [];
  const watching = setInterval(() => rss.push(readRssMb(pid)), RSS_EVERY_MS);
  const startMs = performance.now();
  const latencies = await sender.pace(seconds / samples);
  clearInterval(watching);
  const tookSeconds = (performance.now() - startMs) / 1_000;
  return {
    endSeconds,
    spans: sender.spans,
    spansPerSecond: (latencies.length * sender.batchSpans) / tookSeconds,
    p99Ms: percentile(latencies, 0.99),
    rssMb: median(rss),
  };
}

if (import.meta.main) await run(JSON.parse(process.argv[2]!) as SoakPlan);
