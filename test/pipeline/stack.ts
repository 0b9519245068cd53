/** The processor and Prometheus as processes of their own, on free ports of the loopback. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findFreePort,
  isObject,
  PATIENCE_MS,
  type RunningProcess,
  readArray,
  readObject,
  readString,
  startProcess,
  TEST_LIMIT_MS,
} from '@costspan/testkit';
import { ROOT } from '../contract/packages.ts';

/** A task waits for its outcome as long as in production: what brings it may be slow, or away for a while. */
const CONFIG = 'tasks: { settle_after: 10m, settle_quiet: 1s }\n';
/** What is started before the tests and stopped after them lives through several; nothing lives for ever. */
export const LIFE_MS = 4 * TEST_LIMIT_MS;

export interface ProcessorProcess {
  readonly process: RunningProcess;
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly otlp: string;
  readonly metrics: string;
}

export interface ProcessorOptions {
  /** Ports to have again after a restart; free ones when absent. */
  readonly ports?: { readonly http: number; readonly grpc: number; readonly metrics: number };
  readonly config?: string;
  /** Keeps its state in the folder: the same one again is the same processor, restarted. */
  readonly isDurable?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the built command as an operator would. */
export async function startProcessor(
  folder: string,
  {
    ports = { http: 0, grpc: 0, metrics: 0 },
    config: text = CONFIG,
    isDurable = false,
    env = {},
  }: ProcessorOptions = {},
): Promise<ProcessorProcess> {
  const config = join(folder, 'costspan.yaml');
  writeFileSync(config, text);
  const command = join(ROOT, 'packages', 'cli', 'bin', 'costspan.js');
  const doors = [
    ...['--otlp-http', `127.0.0.1:${ports.http}`],
    ...['--otlp-grpc', `127.0.0.1:${ports.grpc}`],
    ...['--metrics', `127.0.0.1:${ports.metrics}`],
    ...(isDurable ? ['--data', join(folder, 'processor-data')] : []),
  ];
  const running = startProcess(process.execPath, [command, 'processor', '--config', config, ...doors], {
    env: { ...process.env, ...env },
    timeoutMs: LIFE_MS,
  });
  const ready = await running.waitForEvent('ready');
  return { process: running, otlp: readString(ready.otlp_http)!, metrics: readString(ready.metrics)! };
}

export interface PrometheusProcess {
  readonly process: RunningProcess;
  /** Where its API is. */
  readonly origin: string;
  /** The values of an instant query, one for each series. */
  query(expression: string): Promise<number[]>;
}

export interface PrometheusOptions {
  readonly folder: string;
  /** What it scrapes. */
  readonly target: string;
  /** And besides. */
  readonly moreTargets?: readonly string[];
  /** Whom it tells of alerts. */
  readonly alertmanager?: string;
}

/** Starts Prometheus with the rules as they are shipped, but evaluated each second: a test does not wait a minute. */
export async function startPrometheus(
  path: string,
  { folder, target, moreTargets = [], alertmanager }: PrometheusOptions,
): Promise<PrometheusProcess> {
  const shipped = readFileSync(join(ROOT, 'collector-config', 'prometheus', 'costspan.rules.yml'), 'utf8');
  const rules = shipped.replace(/interval: \w+/g, 'interval: 1s').replace(/for: \w+/g, 'for: 0s');
  writeFileSync(join(folder, 'rules.yml'), rules);
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: costspan
    static_configs: [{ targets: ${JSON.stringify([target, ...moreTargets].map((url) => new URL(url).host))} }]
alerting:
  alertmanagers:
    - static_configs: [{ targets: [${alertmanager === undefined ? '' : JSON.stringify(new URL(alertmanager).host)}] }]
`,
  );
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const origin = `http://127.0.0.1:${await findFreePort()}`;
  const listen = `--web.listen-address=${new URL(origin).host}`;
  const flags = [listen, '--enable-feature=exemplar-storage', '--log.level=warn'];
  const running = startProcess(path, [`--config.file=${config}`, `--storage.tsdb.path=${data}`, ...flags], {
    timeoutMs: LIFE_MS,
  });
  return { process: running, origin, query: (expression) => queryPrometheus(origin, expression) };
}

/** The values of an instant query, one for each series; none where there is no answer. */
export async function queryPrometheus(origin: string, expression: string): Promise<number[]> {
  const url = `${origin}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined);
  if (response?.ok !== true) return [];
  const body: unknown = await response.json();
  if (!isObject(body)) return [];
  return readArray(readObject(body.data).result).map((series) =>
    Number(readArray(readObject(series).value)[1]),
  );
}

/** Sum of a metric's samples in what `/metrics` prints, of those whose labels hold a text. */
export async function readSum(metrics: string, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${metrics}/metrics`)).text();
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))];
  const matching = values.filter(([line]) => line.includes(labels));
  return matching.reduce((total, match) => total + Number(match[1]), 0);
}
