/** What is measured of costspan: what is published, packed and installed as a release would be. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LIMIT_MS = 180_000;
export const OWN = '@costspan/instrumentation';
/** Where the measured processes find it. */
const PUBLISHED = fileURLToPath(new URL('.cache/published/', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Installs it for the processes that are measured. */
export function installPublished(): void {
  const workshop = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
  try {
    rmSync(PUBLISHED, { recursive: true, force: true });
    mkdirSync(PUBLISHED, { recursive: true });
    install(PUBLISHED, packOwn(workshop));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** Packs the instrumentation and every workspace package it needs, as they would be published. */
export function packOwn(workshop: string): string[] {
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

/** `npm install` of these packages, alone in their folder. */
export function install(folder: string, specifiers: readonly string[]): void {
  writeFileSync(join(folder, 'package.json'), '{"name":"alone","version":"1.0.0","private":true}');
  run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', ...specifiers], folder);
}

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, {
    cwd,
    timeout: LIMIT_MS,
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32',
  });
}
