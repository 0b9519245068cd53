import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('explains every code in the README, and has every code that the README explains', () => {
  const root = join(import.meta.dirname, '..');
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const source = sources.map((name) => readFileSync(join(root, 'src', name), 'utf8')).join('\n');
  const used = new Set([...source.matchAll(/code: '(COSTSPAN_\w+)'/g)].map(([, code]) => code));
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const explained = new Set([...readme.matchAll(/^\| `(COSTSPAN_\w+)` *\|/gm)].map(([, code]) => code));
  expect([...used].sort()).toEqual([...explained].sort());
});
