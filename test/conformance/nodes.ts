/** The Nodes that the support matrix names: each brings another major of undici. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);
const binaryOf = (alias: string): string => join(dirname(resolve(`${alias}/package.json`)), 'bin', 'node');

/** Name, and the program. */
export const NODES = [
  ['Node 24', process.execPath],
  ['Node 22', binaryOf('node-22')],
  ['Node 26', binaryOf('node-26')],
] as const;
