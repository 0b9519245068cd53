/**
 * The sender, a process of its own: `node load.mts '<LoadPlan as JSON>'`. As much as the server takes first, then half
 * of the target at a steady pace, as many senders would. Prints one LoadReport.
 */

import { percentile } from '../quantiles.mts';
import { openChannel } from './channel.mts';
import { readCpuSeconds, readPeakRssMb } from './process.mts';
import { PACED_SENDERS, SCRAPE_EVERY_MS, Sender, type SenderPlan, scrape } from './sender.mts';

export interface LoadPlan extends SenderPlan {
  readonly warmUpSeconds: number;
  /** The warm-up takes longer where these have not been sent by then: V8 compiles by calls, not by seconds. */
  readonly warmUpSpans: number;
  readonly seconds: number;
}

export interface LoadReport {
  /** As fast as it takes them. */
  readonly spansPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  /** CPU seconds of the sender itself: how much of the machine it took from the server. */
  readonly senderCpuSecondsPerMillion: number;
  /** At the steady pace, from the moment at which a request was to be sent. */
  readonly pacedSpansPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly peakRssMb: number;
  readonly bytesPerSpan: number;
  readonly batchSpans: number;
  /** Over the whole run. */
  readonly spans: number;
  readonly calls: number;
  readonly failures: number;
}

async function run(plan: LoadPlan): Promise<LoadReport> {
  const channel = openChannel(plan.transport, plan.origin, PACED_SENDERS);
  const load = new Sender(plan, channel);
  const scraping = setInterval(() => void scrape(plan.metricsUrl), SCRAPE_EVERY_MS);
  await load.flood(plan.warmUpSeconds / 2, plan.warmUpSpans / 2);
  // Twice, so that what waits for a series to be seen is counted from the start.
  await scrape(plan.metricsUrl);
  await load.flood(plan.warmUpSeconds / 2, plan.warmUpSpans / 2);
  await scrape(plan.metricsUrl);
  const [startMs, cpu, own] = [performance.now(), readCpuSeconds(plan.pid), process.cpuUsage()];
  const spans = await load.flood(plan.seconds);
  const seconds = (performance.now() - startMs) / 1_000;
  const cpuSeconds = readCpuSeconds(plan.pid) - cpu;
  const { user, system } = process.cpuUsage(own);
  const pacedStartMs = performance.now();
  const latencies = await load.pace(plan.seconds);
  const pacedSeconds = (performance.now() - pacedStartMs) / 1_000;
  clearInterval(scraping);
  channel.close();
  return {
    spansPerSecond: spans / seconds,
    cpuSecondsPerMillion: (cpuSeconds / spans) * 1e6,
    senderCpuSecondsPerMillion: (user + system) / spans,
    pacedSpansPerSecond: (latencies.length * load.batchSpans) / pacedSeconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    peakRssMb: readPeakRssMb(plan.pid),
    bytesPerSpan: load.bytesPerSpan,
    batchSpans: load.batchSpans,
    spans: load.spans,
    calls: load.calls,
    failures: load.failures,
  };
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2]!) as LoadPlan)));
