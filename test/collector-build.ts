/**
 * The real Collector that tests run: a fitting one on PATH, else the one that is built once from the manifest, else,
 * without Go, the one that its makers have released.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadCollector, downloadedPath } from './collector-download.ts';

const MANIFEST = fileURLToPath(new URL('../collector-config/builder-config.yaml', import.meta.url));
const NAME = 'costspan-otelcol';
/** Programs that hold every component of the manifest when they are of its version. */
const ON_PATH = [NAME, 'otelcol-contrib'];
/** A cold build takes about five minutes on two cores. */
const BUILD_TIMEOUT_MS = 40 * 60_000;

const manifest = readFileSync(MANIFEST, 'utf8');
const version = /^ {2}version: (\S+)$/m.exec(manifest)?.[1] ?? '';

/** What the build comes from; two manifests that name the same parts are the same build. */
const key = createHash('sha256')
  .update(manifest.replace(/\s*#.*$/gm, ''))
  .digest('hex')
  .slice(0, 12);
/** Outside the checkout, so that a fresh clone does not build again. */
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'costspan');
const built = join(cache, `otelcol-${key}`, NAME);

/** Path of the Collector, or undefined where there is none yet. */
export function findCollector(): string | undefined {
  const isFitting = (command: string) =>
    spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.trim().endsWith(` version ${version}`);
  return ON_PATH.find(isFitting) ?? [built, downloadedPath(cache, version)].find((path) => existsSync(path));
}

/** Has the Collector by the way that this machine allows; says why where it cannot be had. */
export async function setUpCollector(): Promise<void> {
  const hasGo = spawnSync('go', ['version'], { stdio: 'ignore' }).error === undefined;
  console.log(
    hasGo
      ? 'costspan: building the Collector of collector-config/builder-config.yaml: some minutes, once'
      : `costspan: there is no Go to build the Collector with; fetching otelcol-contrib ${version}, once`,
  );
  const why = hasGo ? buildCollector() : await downloadCollector({ cache });
  if (why !== undefined) console.error(`costspan: the Collector is not there: ${why}`);
}

/**
 * Builds the Collector with the Builder that its manifest is for. Needs Go and its module proxy; minutes the first
 * time. Returns why where it fails.
 */
function buildCollector(): string | undefined {
  const folder = join(cache, `otelcol-${key}`);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'build-'));
  const builder = `go.opentelemetry.io/collector/cmd/builder@v${version}`;
  const result = spawnSync('go', ['run', builder, '--config', MANIFEST], {
    cwd: work,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
  });
  const isBuilt = result.status === 0;
  if (isBuilt) {
    mkdirSync(folder, { recursive: true });
    // Whole or not at all: another run may look for it now.
    renameSync(join(work, NAME, NAME), built);
  }
  rmSync(work, { recursive: true, force: true });
  return isBuilt
    ? undefined
    : (result.error?.message ?? `${result.stdout}${result.stderr}`.trim().slice(-2_000));
}

/** How a missing Collector is had. */
export const COLLECTOR_HINT = `npm test builds it where Go is installed and fetches it where not, or put otelcol-contrib ${version} on PATH`;
