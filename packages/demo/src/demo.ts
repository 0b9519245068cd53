import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATIENCE_MS } from '@costspan/testkit';
import type { DemoOptions } from './arguments.js';
import { sumBill } from './report/bill.js';
import { type FeatureReport, readFeatures } from './report/features.js';
import type { Metrics } from './report/metrics.js';
import { formatExactUsd, renderTable } from './report/table.js';
import { waitUntilSettled } from './settle.js';
import type { Cleanup } from './stack/cleanup.js';
import { type Processor, startProcessor } from './stack/processor.js';
import { type Prometheus, startPrometheus } from './stack/prometheus.js';
import { type Providers, startProviders } from './stack/providers.js';
import { PRELOAD_FLAGS, type Service, startService } from './stack/service.js';
import { driveTraffic } from './traffic/drive.js';
import { planTraffic } from './traffic/plan.js';

interface Stack {
  readonly providers: Providers;
  readonly processor: Processor;
  readonly prometheus: Prometheus | undefined;
  readonly service: Service;
}

/** Cost per successful task, as one would ask Prometheus for it. */
const costPerSuccessQuery =
  'sum by (feature) (llm_task_cost_usd_total) / sum by (feature) (llm_tasks_total{outcome="success"})';

/** Starts the shop and its surroundings, sends a day of customers through, reports. @returns the exit code. */
export async function runDemo(options: DemoOptions, cleanup: Cleanup, signal: AbortSignal): Promise<number> {
  const stack = await startStack(options, cleanup, signal);
  const startMs = Date.now();
  const requests = planTraffic(options.requestCount, options.seed);
  const concurrency = options.isLive ? 3 : 12;
  console.log(`\n${requests.length} requests, ${concurrency} at a time …`);
  const traffic = await driveTraffic(stack.service.url, requests, { concurrency, signal });
  await stack.providers.waitUntilIdle();
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
  console.log(
    `${traffic.ok} answered, ${traffic.failed} failed, ${traffic.left} left early, in ${seconds} s`,
  );
  const calls = stack.providers.isBillComplete ? sumBill(stack.providers.log).calls : undefined;
  const { metrics, missing } = await waitUntilSettled(stack.processor.metricsUrl, calls, signal);
  const features = readFeatures(metrics);
  console.log(`\n${renderTable(features)}\n`);
  if (stack.prometheus !== undefined) await confirmByPrometheus(stack.prometheus, features);
  if (missing !== undefined) {
    console.error(
      `costspan demo: ${missing} after ${PATIENCE_MS / 1000} s\n${stack.service.process.stderr()}`,
    );
  }
  const isProven = prove(metrics, stack.providers);
  printNextSteps(stack, options.isKept);
  if (options.isKept) await waitForStop(signal);
  return isProven && missing === undefined ? 0 : 1;
}

async function startStack(options: DemoOptions, cleanup: Cleanup, signal: AbortSignal): Promise<Stack> {
  const directory = mkdtempSync(join(tmpdir(), 'costspan-demo-'));
  cleanup.add(async () => rmSync(directory, { recursive: true, force: true }));
  const providers = await startProviders(options, cleanup);
  console.log(`providers   ${providers.description}`);
  const processor = await startProcessor(directory);
  cleanup.add(() => processor.process.stop());
  signal.throwIfAborted();
  console.log(`processor   ${processor.metricsUrl}`);
  const prometheus = await startPrometheus(directory, processor.metricsUrl, signal);
  if (prometheus !== undefined) cleanup.add(() => prometheus.process.stop());
  console.log(
    prometheus === undefined
      ? 'prometheus  not on PATH, left out (Debian: apt-get install prometheus)'
      : `prometheus  ${prometheus.url}${prometheus.hasRules ? ' with the recording and alert rules' : ''}`,
  );
  const service = await startService({ otlpUrl: processor.otlpUrl, providerEnv: providers.env });
  cleanup.add(() => service.process.stop());
  signal.throwIfAborted();
  console.log(`service     ${service.url}, started with: node ${PRELOAD_FLAGS.join(' ')} service/main.js`);
  return { providers, processor, prometheus, service };
}

/** Asks Prometheus the question of the house and compares with the table. */
async function confirmByPrometheus(
  prometheus: Prometheus,
  features: readonly FeatureReport[],
): Promise<void> {
  // The scrape after the last change may be a second away.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const answers = await prometheus.queryByFeature(costPerSuccessQuery);
  const differing = features.filter(({ feature, costPerSuccessPicoUsd }) => {
    const answerUsd = answers.get(feature);
    if (costPerSuccessPicoUsd === undefined) return answerUsd !== undefined && Number.isFinite(answerUsd);
    return answerUsd === undefined || Math.abs(answerUsd - Number(costPerSuccessPicoUsd) / 1e12) > 1e-9;
  });
  console.log(
    differing.length === 0
      ? 'Prometheus gives the same cost per success for every feature.'
      : `Prometheus differs for ${differing.map(({ feature }) => feature).join(', ')}.`,
  );
}

/** Compares the metric with the sum over the stand-in's own log, to the last pico-dollar. */
function prove(metrics: Metrics, providers: Providers): boolean {
  if (!providers.isBillComplete) {
    console.log('No proof line: a real provider keeps its bill to itself. Compare with its usage page.');
    return true;
  }
  const bill = sumBill(providers.log);
  const measured = metrics.sumPicoUsd('llm_cost_usd_total');
  const isEqual = measured === bill.totalPicoUsd;
  console.log(`llm_cost_usd_total          ${formatExactUsd(measured)}`);
  console.log(
    `the provider's own log      ${formatExactUsd(bill.totalPicoUsd)}  ${isEqual ? 'equal' : 'DIFFERENT'}`,
  );
  console.log(
    `  ${bill.calls} calls, ${bill.errors} refused attempts, ${bill.cutStreams} streams cut short (in both sums as far as their usage was stated)`,
  );
  return isEqual;
}

function printNextSteps({ processor, prometheus, service }: Stack, isKept: boolean): void {
  if (!isKept) {
    console.log('\nTo look further, leave it running: npm run demo -- --keep');
    return;
  }
  const ask = `curl -s ${service.url}/support/answer -H 'content-type: application/json' -d '{"question":"Where is my order ORD-1007?"}'`;
  console.log(`\nAsk yourself   ${ask}`);
  console.log(`Metrics        curl -s ${processor.metricsUrl} | grep llm_cost_usd_total`);
  if (prometheus !== undefined) {
    console.log(
      `Prometheus     ${prometheus.url}/graph?g0.expr=${encodeURIComponent(costPerSuccessQuery)}&g0.tab=1`,
    );
    console.log(`Rules, alerts  ${prometheus.pagesUrl}/rules  ${prometheus.pagesUrl}/alerts`);
  }
  console.log('Ctrl-C stops everything.');
}

function waitForStop(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A timer keeps the process alive although nothing of its own is going on.
    const timer = setInterval(() => undefined, 60_000);
    const stop = () => {
      clearInterval(timer);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
