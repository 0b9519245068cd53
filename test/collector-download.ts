/** The Collector as its makers release it, for machines without Go: by version and checksum, or not at all. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NAME = 'otelcol-contrib';
/** The contrib distribution, which holds every component of `collector-config/builder-config.yaml`. */
const RELEASES = 'https://github.com/open-telemetry/opentelemetry-collector-releases/releases/download';
/** The archive is some 100 MB. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

/** SHA-256 of the archives of one version, by system and processor in Go's names. */
interface Release {
  readonly version: string;
  readonly sha256: Readonly<Record<string, string>>;
}

/** To be changed together with the versions in the manifest; without its line here a system goes without. */
const RELEASE: Release = {
  version: '0.158.0',
  sha256: {
    linux_amd64: '7623348c295ec7b00d86c30040a30730f7e3537e813b34c880c1d5abb9bbe8d5',
    darwin_arm64: 'e2b68ae0eeb165795c1c9aecc29d24fe91790dd6ec7d200dd7e5a8b226a2f636',
    darwin_amd64: 'c55e9dfa2e87bafc35bc0a34c4956a4501ee4680155df96d815dd89a540b38d1',
  },
};

/** Node's name of this processor in Go's. */
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

export interface DownloadOptions {
  /** Folder that outlives the checkout. */
  readonly cache: string;
  readonly release?: Release;
  /** Where releases lie. */
  readonly releases?: string;
  readonly system?: string;
}

/** Where a released Collector is kept, whether it is there or not. */
export const downloadedPath = (cache: string, version: string): string =>
  join(cache, `${NAME}-${version}`, NAME);

/**
 * Fetches the archive, holds it to its checksum and unpacks the program. Resolves to why there is none, undefined
 * when it is there: a machine without a network goes on without.
 */
export async function downloadCollector(options: DownloadOptions): Promise<string | undefined> {
  const { cache, release = RELEASE, releases = RELEASES } = options;
  const { system = `${process.platform}_${ARCHITECTURE}` } = options;
  const { version } = release;
  const expected = release.sha256[system];
  if (expected === undefined) return `no checksum of the Collector is known for ${system}`;
  const archive = `${NAME}_${version}_${system}.tar.gz`;
  const bytes = await fetchBytes(`${releases}/v${version}/${archive}`);
  if (typeof bytes === 'string') return `${archive} could not be fetched: ${bytes}`;
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== expected) return `${archive} has the SHA-256 ${found}, not ${expected}: it is not used`;
  return unpack(bytes, { cache, path: downloadedPath(cache, version) });
}

async function fetchBytes(url: string): Promise<Buffer | string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    return response.ok ? Buffer.from(await response.arrayBuffer()) : `status ${response.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
}

function unpack(archive: Buffer, { cache, path }: { cache: string; path: string }): string | undefined {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'download-'));
  try {
    writeFileSync(join(work, 'archive.tar.gz'), archive);
    const tar = spawnSync('tar', ['-xzf', 'archive.tar.gz', NAME], { cwd: work, encoding: 'utf8' });
    if (tar.status !== 0 || !existsSync(join(work, NAME)))
      return `the archive could not be unpacked: ${tar.error?.message ?? tar.stderr.trim()}`;
    mkdirSync(dirname(path), { recursive: true });
    // Whole or not at all: another run may look for it now.
    renameSync(join(work, NAME), path);
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
