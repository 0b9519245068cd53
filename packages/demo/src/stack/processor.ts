import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningProcess, readString, startProcess } from '@costspan/testkit';

/** A running processor. */
export interface Processor {
  readonly process: RunningProcess;
  /** `http://HOST:PORT`, for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly otlpUrl: string;
  /** The URL of `/metrics`. */
  readonly metricsUrl: string;
}

/** Short settling times, so that the demo is over soon, and a budget, so that there is one to look at. */
const config = `tasks:
  settle_after: 3s
  settle_quiet: 1s
budgets:
  - name: support
    match: { feature: /support/answer }
    limit_usd: 5
    period: day
`;

/** Starts the processor on free loopback ports with a configuration of its own in `directory`. */
export async function startProcessor(directory: string): Promise<Processor> {
  const configPath = join(directory, 'costspan.yaml');
  writeFileSync(configPath, config);
  const main = join(__dirname, 'processor-main.js');
  const doors = ['--otlp-http', '--otlp-grpc', '--metrics'].flatMap((flag) => [flag, '127.0.0.1:0']);
  const child = startProcess(process.execPath, [main, '--config', configPath, ...doors]);
  const ready = await child.waitForEvent('ready').catch(async (error: unknown) => {
    await child.stop();
    throw error;
  });
  return {
    process: child,
    otlpUrl: readString(ready.otlp_http) ?? '',
    metricsUrl: `${readString(ready.metrics) ?? ''}/metrics`,
  };
}
