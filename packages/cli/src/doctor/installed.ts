import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One copy of a package in a `node_modules` folder. */
export interface InstalledCopy {
  readonly package: string;
  readonly version: string;
  /** Its folder, links resolved. */
  readonly folder: string;
}

/** What was found, and whether the search ended at its limit. */
export interface Installed {
  readonly copies: readonly InstalledCopy[];
  readonly isCut: boolean;
}

/** Package folders that are looked into at most. */
const MAX_FOLDERS = 100_000;

/**
 * Every copy of the wanted packages that an application in `folder` could load: in the `node_modules` of it and of the
 * folders above, in theirs, and in pnpm's store. Whose a folder is, its package.json tells: it may have any name
 * (`npm install fast-openai@npm:openai`).
 */
export function findInstalled(folder: string, wanted: ReadonlySet<string>): Installed {
  const search = new Search(wanted);
  for (let at = folder; ; at = dirname(at)) {
    search.readModules(join(at, 'node_modules'));
    if (at === dirname(at)) break;
  }
  return { copies: [...search.copies.values()], isCut: search.isCut };
}

class Search {
  readonly copies = new Map<string, InstalledCopy>();
  isCut = false;
  readonly #wanted: ReadonlySet<string>;
  readonly #seen = new Set<string>();

  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  /** A `node_modules` folder: packages, scopes with packages, and pnpm's store of such folders. */
  readModules(folder: string): void {
    for (const name of listFolders(folder)) {
      if (name === '.pnpm') {
        for (const entry of listFolders(join(folder, name)))
          this.readModules(join(folder, name, entry, 'node_modules'));
      } else if (name.startsWith('@')) {
        for (const scoped of listFolders(join(folder, name))) this.#readPackage(join(folder, name, scoped));
      } else if (!name.startsWith('.')) this.#readPackage(join(folder, name));
    }
  }

  #readPackage(link: string): void {
    const folder = readRealPath(link);
    if (folder === undefined || this.#seen.has(folder)) return;
    if (this.#seen.size >= MAX_FOLDERS) {
      this.isCut = true;
      return;
    }
    this.#seen.add(folder);
    const copy = readCopy(folder);
    if (copy !== undefined && this.#wanted.has(copy.package)) this.copies.set(folder, copy);
    this.readModules(join(folder, 'node_modules'));
  }
}

/** The package whose folder it is; `undefined` where there is no package.json that says so. */
export function readCopy(folder: string): InstalledCopy | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const { name, version } = manifest as { name?: unknown; version?: unknown };
    if (typeof name !== 'string' || typeof version !== 'string') return undefined;
    return { package: name, version, folder };
  } catch {
    return undefined;
  }
}

/** Names of folders and links in a folder; none where there is no such folder. */
function listFolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function readRealPath(link: string): string | undefined {
  try {
    return realpathSync(link);
  } catch {
    return undefined;
  }
}
