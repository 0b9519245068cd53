/**
 * The sender of the soak, a process of its own: `node soak.mts '<SoakPlan as JSON>'`. A while as fast as answers come,
 * then for long at half of that. Prints one SoakReport.
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
  readonly spansPerSecond: number;
  readonly p99Ms: number;
  /** Median over the stretch. */
  readonly rssMb: number;
}

export interface SoakReport {
  readonly fullSpansPerSecond: number;
  readonly samples: readonly SoakSample[];
  readonly spans: number;
  readonly calls: number;
  readonly failures: number;
}

const RSS_EVERY_MS = 500;

async function run(plan: SoakPlan): Promise<SoakReport> {
  const channel = openChannel(plan.transport, plan.origin, PACED_SENDERS);
  const scraping = setInterval(() => void scrape(plan.metricsUrl).catch(() => {}), SCRAPE_EVERY_MS);
  const first = new Sender({ ...plan, pacedSpansPerSecond: 1 }, channel);
  const taken = await first.flood(plan.warmUpSeconds);
  const fullSpansPerSecond = taken / plan.warmUpSeconds;
  const paced = first.atPace(fullSpansPerSecond / 2);
  const samples: SoakSample[] = [];
  for (let index = 0; index < plan.samples; index += 1)
    samples.push(await soak(paced, plan, ((index + 1) * plan.seconds) / plan.samples));
  clearInterval(scraping);
  channel.close();
  const { spans, calls, failures } = paced;
  return { fullSpansPerSecond, samples, spans, calls, failures };
}

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
    spansPerSecond: (latencies.length * sender.batchSpans) / tookSeconds,
    p99Ms: percentile(latencies, 0.99),
    rssMb: median(rss),
  };
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2]!) as SoakPlan)));
