/** The packages of the workspace, as they lie there. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@costspan/testkit';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface Package {
  readonly folder: string;
  readonly path: string;
  readonly manifest: Manifest;
}

export function readPackages(): readonly Package[] {
  return readdirSync(join(ROOT, 'packages')).map((folder) => {
    const path = join(ROOT, 'packages', folder);
    return {
      folder,
      path,
      manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest,
    };
  });
}

/** TypeScript files of a package's `src`, with their text. */
export function readSources({ path }: Package): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(join(path, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(join(path, 'src', file), 'utf8') }));
}

/** Name → path of what would be published of each, below `folder`. */
export async function packAll(folder: string): Promise<ReadonlyMap<string, string>> {
  const published = readPackages().filter(({ manifest }) => manifest.private !== true);
  const packed = published.map(async (own): Promise<[string, string]> => {
    const target = join(folder, own.folder);
    mkdirSync(target);
    const { config } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      config: { pnpm: string };
    };
    // pnpm writes the workspace's versions into what it packs, as it does when it publishes.
    const pack = ['--yes', `pnpm@${config.pnpm}`, 'pack', '--pack-destination', target];
    const result = await run('npx', pack, { cwd: own.path });
    const tarball = readdirSync(target).find((file) => file.endsWith('.tgz'));
    if (tarball === undefined)
      throw new Error(`${own.folder} was not packed: ${result.stdout}${result.stderr}`);
    return [own.manifest.name, join(target, tarball)];
  });
  return new Map(await Promise.all(packed));
}

/** What an install says where the package registry cannot be reached. */
export const IS_OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT/;
