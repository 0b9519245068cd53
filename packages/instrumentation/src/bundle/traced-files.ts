import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** What of a package is run. */
const PROGRAM_FILES = '**/*.{js,cjs,mjs,json}';

/**
 * Patterns, below `from`, of the files that the preload is made of: a server that is copied without what it does not
 * import lacks them. None where the package manager has linked the packages together, as pnpm does: a copy of their files
 * would lack the links.
 */
export function findPreloadFiles(from: string): readonly string[] {
  const folders = new Set<string>();
  collectPackages(dirname(require.resolve('@costspan/instrumentation/package.json')), folders);
  if ([...folders].some((folder) => realpathSync(folder) !== folder)) return [];
  return [...folders].map((folder) => `${relative(from, folder).split(sep).join('/')}/${PROGRAM_FILES}`);
}

/** A package and all that it needs. */
function collectPackages(folder: string, folders: Set<string>): void {
  if (folders.has(folder)) return;
  folders.add(folder);
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  const { dependencies, peerDependencies } = JSON.parse(text) as Manifest;
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    const found = findPackage(name, folder);
    if (found !== undefined) collectPackages(found, folders);
  }
}

/** Where Node finds a package; an optional one may be nowhere. */
function findPackage(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(from);
  return above === from ? undefined : findPackage(name, above);
}
