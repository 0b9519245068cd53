import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  findFreePort,
  isObject,
  PATIENCE_MS,
  type RunningProcess,
  readArray,
  readObject,
  run,
  startProcess,
} from '@costspan/testkit';

/** A running Prometheus that scrapes the processor each second and has the rules. */
export interface Prometheus {
  readonly process: RunningProcess;
  readonly url: string;
  /** Where its pages of rules and of alerts are. */
  readonly pagesUrl: string;
  readonly hasRules: boolean;
  /** The value of each series of an instant query, by the label `feature`. */
  queryByFeature(query: string): Promise<ReadonlyMap<string, number>>;
}

const rulesPath = join(
  __dirname,
  '..',
  '..',
  '..',
  '..',
  'collector-config',
  'prometheus',
  'costspan.rules.yml',
);
/** The copy beside the configuration. */
const RULES = 'costspan.rules.yml';

/** Starts Prometheus from PATH on a free loopback port; `undefined` where there is none. */
export async function startPrometheus(
  directory: string,
  metricsUrl: string,
  signal: AbortSignal,
): Promise<Prometheus | undefined> {
  const probe = await run('prometheus', ['--version'], { timeoutMs: PATIENCE_MS });
  if (probe.exitCode !== 0) return undefined;
  const hasRules = existsSync(rulesPath);
  const configPath = join(directory, 'prometheus.yml');
  writeFileSync(configPath, renderConfig(new URL(metricsUrl), hasRules));
  if (hasRules) writeFileSync(join(directory, RULES), readHurriedRules());
  const data = join(directory, 'prometheus');
  mkdirSync(data, { recursive: true });
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const child = startProcess('prometheus', [
    `--config.file=${configPath}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=${new URL(url).host}`,
    '--log.level=warn',
  ]);
  try {
    await waitUntilScraping(url, child, signal);
    const pagesUrl = await findPages(url);
    return { process: child, url, pagesUrl, hasRules, queryByFeature: (query) => queryByFeature(url, query) };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** Debian's Prometheus is without the pages of today; it has those of before. */
async function findPages(url: string): Promise<string> {
  const { ok } = await fetch(`${url}/rules`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return ok ? url : `${url}/classic`;
}

/** The rules without their intervals of minutes: who tries the demo looks at it after seconds. */
const readHurriedRules = (): string => readFileSync(rulesPath, 'utf8').replace(/^ +interval: .*\n/gm, '');

function renderConfig({ host }: URL, hasRules: boolean): string {
  return [
    'global: { scrape_interval: 1s, evaluation_interval: 5s }',
    ...(hasRules ? [`rule_files: [${RULES}]`] : []),
    'scrape_configs:',
    '  - job_name: costspan',
    `    static_configs: [{ targets: [${JSON.stringify(host)}] }]`,
    '',
  ].join('\n');
}

/** Until it has scraped once, some seconds after it is up: what grows before that is no increase to it. */
async function waitUntilScraping(url: string, child: RunningProcess, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  let hasEnded = false;
  void child.ended.then(() => {
    hasEnded = true;
  });
  while (Date.now() < deadline && !hasEnded) {
    const scrapes = await readSeries(url, 'up == 1').catch(() => []);
    if (scrapes.length > 0) return;
    await sleep(100, undefined, { signal });
  }
  throw new Error(`Prometheus did not scrape the processor\n${child.stderr()}`);
}

async function queryByFeature(url: string, query: string): Promise<ReadonlyMap<string, number>> {
  const series = await readSeries(url, query);
  return new Map(
    series.map(({ metric, value }) => [String(readObject(metric).feature), Number(readArray(value)[1])]),
  );
}

async function readSeries(url: string, query: string): Promise<ReturnType<typeof readObject>[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`, {
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const body: unknown = await response.json();
  if (!response.ok || !isObject(body)) throw new Error(`Prometheus answers ${response.status} to ${query}`);
  return readArray(readObject(body.data).result).map(readObject);
}
