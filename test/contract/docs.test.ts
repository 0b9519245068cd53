import { readFileSync } from 'node:fs';
import { ATTR } from '@costspan/semconv';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/spans.md', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it('names every attribute of our own on docs/spans.md, and none that there is not', () => {
  const named = [...page.matchAll(/`(costspan\.[a-z0-9_.]+)`/g)].map(([, name]) => name);
  const ours = Object.values(ATTR).filter((name) => name.startsWith('costspan.'));
  expect([...new Set(named)].sort()).toEqual([...ours].sort());
});

it('names only files that exist in the README', () => {
  const files = [...readme.matchAll(/`((?:packages|test|docs|collector-config)\/[\w./-]+)`/g)].map(
    ([, file]) => file,
  );
  const links = [...readme.matchAll(/\]\((docs\/[\w.-]+)\)/g)].map(([, file]) => file);
  const missing = [...files, ...links].filter((file) => {
    try {
      readFileSync(new URL(`../../${file}`, import.meta.url));
      return false;
    } catch (error) {
      return (error as { code?: string }).code !== 'EISDIR';
    }
  });
  expect(missing).toEqual([]);
  expect(files.length).toBeGreaterThan(20);
});
