// A real Prometheus on blocks that are made from the history, and from the rules that the dashboards read.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { BUDGETS, type Span } from './history.mts';

const require = createRequire(import.meta.url);
const { listRuleGroups } =
  require('../../packages/monitoring/dist/index.js') as typeof import('../../packages/monitoring/src/index.ts');
const { stringify } = require('../../packages/monitoring/node_modules/yaml') as {
  stringify(value: unknown): string;
};

interface Recording {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Runs promtool; what it says is shown when it fails. */
export function promtool(...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
}

export class Prometheus {
  readonly origin: string;
  readonly #process: ChildProcess;

  private constructor(origin: string, process: ChildProcess) {
    this.origin = origin;
    this.#process = process;
  }

  static async start(folder: string): Promise<Prometheus> {
    const config = join(folder, 'prometheus.yml');
    writeFileSync(config, 'global: { scrape_interval: 1m }\n');
    const origin = `http://127.0.0.1:${await findFreePort()}`;
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=10y',
      // Blocks that overlap are those of the rules beside those of the history: nothing to tidy up here.
      '--storage.tsdb.allow-overlapping-blocks',
      `--web.listen-address=${new URL(origin).host}`,
      '--log.level=error',
    ];
    const child = spawn('prometheus', flags, { stdio: ['ignore', 'ignore', 'inherit'] });
    const prometheus = new Prometheus(origin, child);
    for (let attempt = 0; attempt < 100; attempt++) {
      if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`);
      const ready = await fetch(`${origin}/-/ready`).catch(() => undefined);
      if (ready?.ok === true) return prometheus;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await prometheus.stop();
    throw new Error('prometheus is not ready after 20 seconds');
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill('SIGTERM');
    await once(this.#process, 'exit');
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The recording rules that the dashboards read, in levels: each reads only series of the levels before it. */
function listLevels(dashboards: string): Recording[][] {
  const budgets = BUDGETS.map(({ name, period, ...rest }) => ({
    name,
    period,
    match: {},
    limitPicoUsd: 1n,
    timezone: 'UTC',
    ...('shape' in rest && { shape: rest.shape }),
  }));
  const all = listRuleGroups({ budgets, only: 'recording' }).flatMap(({ rules }) =>
    rules.map((rule) => {
      const { comment: _, ...recording } = rule as Recording & { comment?: string };
      return recording;
    }),
  );
  const names = new Set(all.map(({ record }) => record));
  const readBy = (text: string) => [...names].filter((name) => text.includes(name));
  const wanted = new Set(readBy(dashboards));
  for (const name of wanted) {
    for (const rule of all.filter(({ record }) => record === name)) {
      for (const read of readBy(rule.expr)) wanted.add(read);
    }
  }
  const levels: Recording[][] = [];
  const done = new Set<string>();
  while (done.size < wanted.size) {
    const level = all.filter(
      ({ record, expr }) =>
        wanted.has(record) && !done.has(record) && readBy(expr).every((name) => done.has(name)),
    );
    if (level.length === 0)
      throw new Error(`rules read each other: ${[...wanted].filter((name) => !done.has(name))}`);
    levels.push(level);
    for (const { record } of level) done.add(record);
  }
  return levels;
}

/** Adds what the recording rules would have recorded; a level at a time, as promtool sees only what is loaded. */
export async function backfillRules(
  folder: string,
  { dashboards, spans }: { dashboards: string; spans: readonly Span[] },
): Promise<void> {
  mkdirSync(join(folder, 'data'), { recursive: true });
  for (const [index, rules] of listLevels(dashboards).entries()) {
    const file = join(folder, `level-${index}.yml`);
    writeFileSync(file, stringify({ groups: [{ name: `level-${index}`, interval: '1m', rules }] }));
    const prometheus = await Prometheus.start(folder);
    try {
      for (const { fromMs, toMs } of spans) {
        // The first minutes of a span have a counter's birth in them, which is no spend of that minute.
        const [start, end] = [fromMs / 1000 + 900, toMs / 1000];
        promtool(
          'tsdb',
          'create-blocks-from',
          'rules',
          `--start=${start}`,
          `--end=${end}`,
          `--url=${prometheus.origin}`,
          '--eval-interval=1m',
          `--output-dir=${join(folder, 'data')}`,
          file,
        );
      }
    } finally {
      await prometheus.stop();
    }
    console.log(`rules, level ${index}: ${rules.length}`);
  }
}
