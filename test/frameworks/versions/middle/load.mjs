// Loads the packages of this set, and none that lies further up.
import { readFileSync } from 'node:fs';

const { devDependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export { z } from 'zod';
export async function load(name) {
  const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(name)[0];
  if (devDependencies[packageName] === undefined) throw new Error(`${packageName} is not in this set`);
  return import(name);
}
