import { readFileSync } from 'node:fs';
import { ATTR, PROCESSOR_METRIC } from '@costspan/semconv';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/spans.md', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it('names every attribute of our own on docs/spans.md, and none that there is not', () => {
  const named = [...page.matchAll(/`(costspan\.[a-z0-9_.]+)`/g)].map(([, name]) => name);
  const ours = Object.values(ATTR).filter((name) => name.startsWith('costspan.'));
  expect([...new Set(named)].sort()).toEqual([...ours].sort());
});

it('has a line for each limit on docs/config.md, and each metric there exists', () => {
  const config = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');
  const schema = readFileSync(new URL('../../packages/config/costspan.schema.json', import.meta.url), 'utf8');
  const { properties } = JSON.parse(schema) as Schema;
  const section = config.split('\n## Limits\n')[1]!.split('\n## ')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const limits = Object.keys(properties.limits.anyOf[0].properties);
  expect(rows.map((row) => row.split('`')[1]).sort()).toEqual(limits.sort());
  const named = rows.flatMap(
    (row) =>
      row
        .split('|')
        .at(-2)!
        .match(/(?<=`)\w+/g) ?? [],
  );
  const known = Object.values(PROCESSOR_METRIC).map(({ name }) => name.replace('costspan_processor_', ''));
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
  expect(named.length).toBeGreaterThanOrEqual(rows.length);
});

interface Schema {
  readonly properties: { readonly limits: { readonly anyOf: [{ readonly properties: object }] } };
}

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
