/** The Nodes that the support matrix names: each brings another major of undici. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

function nodeOf(alias: string): { readonly version: string; readonly program: string } {
  const manifest = require.resolve(`${alias}/package.json`);
  const { version } = require(manifest) as { version: string };
  return { version, program: join(dirname(manifest), 'bin', 'node') };
}

/** Besides the one that runs the tests. */
export const OTHER_NODES = [nodeOf('node-22'), nodeOf('node-26')];

const nameOf = (version: string): string => `Node ${version.split('.')[0]}`;

/** Name, and the program. */
export const NODES: readonly (readonly [name: string, program: string])[] = [
  [nameOf(process.versions.node), process.execPath],
  ...OTHER_NODES.map(({ version, program }) => [nameOf(version), program] as const),
];
