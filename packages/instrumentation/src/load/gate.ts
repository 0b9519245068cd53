import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FrameworkEntry } from '../framework.js';
import type { PackageGate } from '../module-gate.js';
import type { Wanted } from './announce.js';
import type { SdkEntry, WatchedEntry } from './entries.js';
import { withoutQuery } from './hooks.js';
import { compareVersions } from './version-order.js';

/** An SDK with what its files are found by. */
export interface Gate extends Wanted {
  /** Matches the path or URL of a file that may define one of its classes or functions. */
  readonly pattern: RegExp;
  readonly entry: WatchedEntry;
}

export const createGate = (entry: WatchedEntry): Gate => ({
  entry,
  pattern: filePattern(entry.module.files),
  classNames: [entry.module.exportName ?? []].flat(),
  functionNames: entry.module.functionNames ?? [],
});

/** Whether an entry adds structure only: the calls are counted by the providers' entries. */
export const isFramework = (entry: WatchedEntry): entry is FrameworkEntry => 'loadFramework' in entry;

/** Whether an entry makes spans; routers, workers and runtimes of functions say what those are for. */
export const isSdk = (entry: WatchedEntry): entry is SdkEntry => 'load' in entry || 'loadFramework' in entry;

/** Whether calls are missing where a version of it is not recorded; of most frameworks only structure is. */
export const losesCalls = (entry: WatchedEntry): boolean =>
  !isFramework(entry) || entry.carriesCalls === true;

/**
 * Matches both a path and a URL, with whatever query another loader hook has put behind it. The folder may have any
 * name (`npm install fast-openai@npm:openai`): whose package it is, its package.json tells. Of this form esbuild, which
 * looks neither back nor ahead, takes it too. `except`: what the path must not go on with.
 */
function filePattern(files: readonly string[], except = ''): RegExp {
  const filePaths = files.map((file) => file.split('/').join('[\\\\/]')).join('|');
  return new RegExp(
    `[\\\\/]node_modules[\\\\/]${except}(?:@[^\\\\/]+[\\\\/])?[^\\\\/]+[\\\\/](?:${filePaths})\\.[cm]?js(?:$|[?#])`,
  );
}

/** Files of ours are most of what is loaded at the start, and none that is wanted. */
const OURS = '(?!@costspan[\\\\/])';

/**
 * Matches every file that some gate's pattern does: one look at the files that are none of theirs, nearly all, where
 * each pattern of its own takes a tenth of a millisecond to be compiled.
 */
export const matchAny = (gates: readonly Gate[]): RegExp =>
  filePattern([...new Set(gates.flatMap(({ entry }) => entry.module.files))], OURS);

/** Why a version is not recorded, in words; `undefined` when it is, or any is. */
export function refuseVersion(
  { versions }: Pick<PackageGate, 'versions'>,
  version: string,
): string | undefined {
  if (versions === undefined) return undefined;
  const { from, below } = versions;
  if (compareVersions(version, from) >= 0 && compareVersions(version, below) < 0) return undefined;
  return `it knows ${from} up to, but not including, ${below}`;
}

/** The name and version in a package.json. */
export interface Manifest {
  readonly name?: string;
  readonly version: string;
}

/** The package.json above a file below `node_modules`, given as a path or a URL. @throws where there is none. */
export function readManifest(file: string): Manifest {
  const path = file.startsWith('file:') ? fileURLToPath(withoutQuery(file)) : file;
  const root = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0] ?? dirname(path);
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
}
