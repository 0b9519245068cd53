/**
 * The shop and its customers without an end: something to watch in Grafana. Spans go where
 * OTEL_EXPORTER_OTLP_ENDPOINT says; `SHOP_PACE_MS` is how long the next day of customers waits (1 000).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Cleanup } from './stack/cleanup.js';
import { startProviders } from './stack/providers.js';
import { startService } from './stack/service.js';
import { driveTraffic } from './traffic/drive.js';
import { planTraffic } from './traffic/plan.js';

/** A few customers each; another seed is another day, so that no two look alike. */
const REQUESTS_A_DAY = 10;
/** The stand-in keeps its whole bill in memory: after so many days the shop ends, and what runs it starts it again. */
const MAX_DAYS = 5_000;

async function main(): Promise<void> {
  const cleanup = new Cleanup();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  try {
    const providers = await startProviders({ isLive: false, seed: 7 }, cleanup);
    const otlpUrl = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://127.0.0.1:4318';
    const service = await startService({ otlpUrl, providerEnv: providers.env });
    cleanup.add(() => service.process.stop());
    console.log(JSON.stringify({ event: 'open', url: service.url, otlp: otlpUrl }));
    const pauseMs = Number(process.env.SHOP_PACE_MS ?? 1_000);
    for (let day = 1; day <= MAX_DAYS; day += 1) {
      const requests = planTraffic(REQUESTS_A_DAY, day);
      await driveTraffic(service.url, requests, { concurrency: 3, signal: stop.signal });
      await sleep(pauseMs, undefined, { signal: stop.signal });
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await cleanup.run();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
