import type { Config } from './config.js';
import { COSTSPAN_YAML } from './costspan-yaml.js';
import type { ConfigError } from './errors.js';
import type { Problem } from './shape.js';
import { readTree } from './tree.js';

/** A checked config, or everything that is wrong with it. */
export type ConfigResult =
  | { readonly config: Config; readonly errors?: undefined }
  | { readonly config?: undefined; readonly errors: readonly ConfigError[] };

/** See `parseConfig` in load.ts, which loads this file when there is a text to parse. */
export function parseConfig(text: string, { path }: { readonly path: string }): ConfigResult {
  const result = readTree(text, path);
  if ('errors' in result) return { errors: result.errors };
  const { tree, positionOf } = result;
  // A file with nothing but comments sets nothing.
  const root =
    tree.kind === 'scalar' && tree.value === null ? ({ kind: 'map', offset: 0, entries: [] } as const) : tree;
  const problems: Problem[] = [];
  const config = COSTSPAN_YAML.parse({ tree: root, path: '', problems });
  if (config !== undefined) return { config };
  const inOrder = problems.sort((a, b) => a.offset - b.offset);
  return { errors: inOrder.map(({ offset, ...rest }) => ({ ...rest, file: path, ...positionOf(offset) })) };
}
