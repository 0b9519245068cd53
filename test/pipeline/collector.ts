/** The real Collector under the configurations that are shipped, on free ports of the loopback. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, type RunningProcess, startProcess, until } from '@costspan/testkit';
import { parse } from 'yaml';
import { ROOT } from '../contract/packages.ts';
import { LIFE_MS } from './stack.ts';

export const CONFIG_FOLDER = join(ROOT, 'collector-config');

/** Names of the Collector's configurations that are shipped. */
export const CONFIG_FILES: readonly string[] = readdirSync(CONFIG_FOLDER).filter((name) =>
  /^otel-collector.*\.yaml$/.test(name),
);

/** One of them, or the manifest, as the plain object that it is. */
export const readConfig = (name: string) =>
  parse(readFileSync(join(CONFIG_FOLDER, name), 'utf8'), { merge: true });

export interface CollectorOptions {
  /** The Collector's program. */
  readonly path: string;
  readonly config: string;
  /** Holds its queue; the same one again is the same Collector, restarted. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What differs from the file, as `exporters::otlp_http/costspan::encoding: json`. */
  readonly overrides?: readonly string[];
}

export interface CollectorProcess {
  readonly process: RunningProcess;
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly otlp: string;
  /** HOST:PORT of the gRPC door. */
  readonly grpc: string;
  /** Sum over all series of one of its own metrics, narrowed by a text that their labels hold. */
  readOwn(name: string, labels?: string): Promise<number>;
  /** Ends it at once, without a word, and starts it again with the same ports and the same queue. */
  restartAfterKill(whileDown?: () => Promise<void>): Promise<CollectorProcess>;
}

/** Starts it and waits until it takes spans. */
export async function startCollector(options: CollectorOptions): Promise<CollectorProcess> {
  const [http, grpc, health, metrics] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  return launch(options, { http, grpc, health, metrics });
}

interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly health: number;
  readonly metrics: number;
}

async function launch(options: CollectorOptions, ports: Ports): Promise<CollectorProcess> {
  const configs = [
    join(CONFIG_FOLDER, options.config),
    ...(options.overrides ?? []).map((override) => `yaml:${override}`),
  ];
  const running = startProcess(
    options.path,
    configs.flatMap((config) => ['--config', config]),
    {
      env: {
        PATH: process.env.PATH,
        COSTSPAN_COLLECTOR_DATA: options.folder,
        COSTSPAN_COLLECTOR_HTTP_PORT: String(ports.http),
        COSTSPAN_COLLECTOR_GRPC_PORT: String(ports.grpc),
        COSTSPAN_COLLECTOR_HEALTH_PORT: String(ports.health),
        COSTSPAN_COLLECTOR_METRICS_PORT: String(ports.metrics),
        ...options.env,
      },
      timeoutMs: LIFE_MS,
    },
  );
  const hasEnded = running.ended.then((result) => {
    throw new Error(`the Collector ended:\n${result.stderr.slice(-3_000)}`);
  });
  const answers = async () => (await fetch(`http://127.0.0.1:${ports.health}/`)).ok;
  await Promise.race([until(answers), hasEnded]);
  // Its end later is what the test wanted.
  hasEnded.catch(() => undefined);
  return {
    process: running,
    otlp: `http://127.0.0.1:${ports.http}`,
    grpc: `127.0.0.1:${ports.grpc}`,
    readOwn: (name, labels = '') => readOwn(`http://127.0.0.1:${ports.metrics}/metrics`, name, labels),
    restartAfterKill: async (whileDown) => {
      await running.stop({ signal: 'SIGKILL' });
      await whileDown?.();
      return launch(options, ports);
    },
  };
}

/** A counter that was never touched is 0. */
async function readOwn(url: string, name: string, labels: string): Promise<number> {
  const text = await (await fetch(url)).text();
  return text
    .split('\n')
    .filter((line) => new RegExp(`^${name}(_total)?[{ ]`).test(line) && line.includes(labels))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}
