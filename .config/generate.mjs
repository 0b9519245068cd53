// `npm run generate`: writes everything that is generated and checked in.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { generators, reports } from './generators.mjs';

const root = join(import.meta.dirname, '..');
for (const { name, file } of [...generators, ...reports]) {
  console.log(`generating ${name}`);
  const { status } = spawnSync(process.execPath, [join(root, file), ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
