import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatNumber, type Section } from '../table.mts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAX_MB = 20;
const LIMIT_MS = 180_000;
const OWN = '@costspan/instrumentation';
const OTEL = [
  '@opentelemetry/sdk-trace',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/context-async-hooks',
];

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Megabytes on disk of a fresh `npm install`, each alone in its folder; the LLM SDK is not counted. */
export async function measureInstall(): Promise<Section[]> {
  const { devDependencies = {} } = readManifest(join(ROOT, 'test/bench'));
  const installedVersion = (name: string): string =>
    (
      JSON.parse(readFileSync(join(ROOT, 'test/bench/node_modules', name, 'package.json'), 'utf8')) as {
        version: string;
      }
    ).version;
  const pinned = (names: readonly string[]): string[] =>
    names.map((name) => `${name}@${installedVersion(name)}`);
  const rivals = ['@opentelemetry/instrumentation-openai', '@traceloop/instrumentation-openai', 'openlit'];
  const workshop = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
  try {
    const sizes = [
      { name: OWN, size: installAlone(workshop, packOwn(workshop)) },
      { name: 'an OpenTelemetry SDK 3 by hand', size: installAlone(workshop, pinned(OTEL)) },
      ...rivals
        .filter((name) => name in devDependencies)
        .map((name) => ({ name, size: installAlone(workshop, pinned([name])) })),
    ];
    return [describe(sizes)];
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

interface Size {
  readonly megabytes: number;
  readonly packages: number;
}

function describe(sizes: readonly { name: string; size: Size }[]): Section {
  const own = sizes[0]?.size.megabytes ?? Number.NaN;
  return {
    title: 'Installed alone',
    method:
      '`npm install --omit=dev` into an empty folder, blocks on disk. The instrumentations of OpenTelemetry and Traceloop need an OpenTelemetry SDK beside them; costspan and openlit bring what they export with.',
    head: ['package', 'MB', 'packages'],
    rows: sizes.map(({ name, size }) => [name, formatNumber(size.megabytes), String(size.packages)]),
    targets: [{ text: `costspan takes ${formatNumber(own)} MB; at most ${MAX_MB} MB`, isMet: own <= MAX_MB }],
  };
}

/** Packs the instrumentation and every workspace package it needs, as they would be published. */
function packOwn(workshop: string): string[] {
  const folders = new Map(
    readdirSync(join(ROOT, 'packages')).map((name) => {
      const folder = join(ROOT, 'packages', name);
      return [readManifest(folder).name, folder];
    }),
  );
  const needed = new Set([OWN]);
  for (const name of needed) {
    for (const [dependency, version] of Object.entries(readManifest(folders.get(name)!).dependencies ?? {})) {
      if (version.startsWith('workspace:')) needed.add(dependency);
    }
  }
  const { config } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    config: { pnpm: string };
  };
  const destination = join(workshop, 'tarballs');
  mkdirSync(destination);
  for (const name of needed) {
    run(
      'npx',
      ['--yes', `pnpm@${config.pnpm}`, 'pack', '--pack-destination', destination],
      folders.get(name)!,
    );
  }
  return readdirSync(destination).map((file) => join(destination, file));
}

function installAlone(workshop: string, specifiers: readonly string[]): Size {
  const folder = mkdtempSync(join(workshop, 'install-'));
  writeFileSync(join(folder, 'package.json'), '{"name":"alone","version":"1.0.0","private":true}');
  run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', ...specifiers], folder);
  process.stderr.write('.');
  const tree = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: object };
  const megabytes = readDiskBytes(join(folder, 'node_modules')) / 1e6;
  // The lock names the folder itself as well.
  return { megabytes, packages: Object.keys(tree.packages).length - 1 };
}

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, {
    cwd,
    timeout: LIMIT_MS,
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32',
  });
}

/** What a folder takes on disk, blocks and not bytes: many small files cost more than their text. */
function readDiskBytes(path: string): number {
  const stat = lstatSync(path);
  const own = (stat.blocks ?? Math.ceil(stat.size / 512)) * 512;
  if (!stat.isDirectory()) return own;
  return readdirSync(path).reduce((sum, name) => sum + readDiskBytes(join(path, name)), own);
}
