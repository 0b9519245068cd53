/** The packages of the workspace, as they lie there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
