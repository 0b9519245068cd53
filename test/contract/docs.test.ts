import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findUnknownVariables } from '@costspan/config';
import { ATTR, ENV, PROCESSOR_METRIC } from '@costspan/semconv';
import { expect, it } from 'vitest';
import { ROOT, readPackages, readSources } from './packages.ts';

const page = readFileSync(new URL('../../docs/spans.md', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it('names every attribute of our own on docs/spans.md, and none that there is not', () => {
  const named = [...page.matchAll(/`(costspan\.[a-z0-9_.]+)`/g)].map(([, name]) => name);
  const ours = Object.values(ATTR).filter((name) => name.startsWith('costspan.'));
  expect([...new Set(named)].sort()).toEqual([...ours].sort());
});

/** Read in spans of others, or of the resource: nothing that a span of ours carries. */
const READ_ONLY = [
  'exception.type',
  'http.status_code',
  'event.name',
  'deployment.environment.name',
  'service.name',
];
/** Those of steps around the calls are on docs/frameworks.md, those of evaluations on docs/tasks.md by their event. */
const ELSEWHERE = /^gen_ai\.(agent|workflow|tool\.(?!definitions)|retrieval|data_source|evaluation)/;

it('names every attribute of the conventions that our spans carry on docs/spans.md', () => {
  const theirs = Object.values(ATTR).filter((name) => !name.startsWith('costspan.') && !ELSEWHERE.test(name));
  const carried = theirs.filter((name) => !READ_ONLY.includes(name));
  expect(carried.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
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

it('has a line for each variable on docs/environment.md, and none that there is not', () => {
  const environment = readFileSync(new URL('../../docs/environment.md', import.meta.url), 'utf8');
  const named = [...environment.split('\n## ')[0]!.matchAll(/^\| `(COSTSPAN_\w+)`/gm)];
  expect(named.map(([, name]) => name).sort()).toEqual(Object.values(ENV).sort());
  const shipped = ['collector-config', 'docs', 'packages/cli/src'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(?:ya?ml|md|ts)$/.test(file))
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
  );
  const read = shipped.flatMap((text) => [
    ...text.matchAll(/(?:\$\{env:|\$\{|- name: |env: |env\.)(COSTSPAN_\w+)/g),
  ]);
  const unknown = findUnknownVariables(Object.fromEntries(read.map(([, name]) => [name, 'set'])));
  expect(unknown).toEqual([]);
  expect(read.length).toBeGreaterThan(20);
});

it('has a line for each warning of the preload on docs/environment.md, and none that there is not', () => {
  const environment = readFileSync(new URL('../../docs/environment.md', import.meta.url), 'utf8');
  const explained = [...environment.split('\n## Warnings\n')[1]!.matchAll(/^\| `(COSTSPAN_\w+)`/gm)];
  const sources = readSources(readPackages().find(({ folder }) => folder === 'instrumentation')!);
  const told = sources.flatMap(({ text }) => [...text.matchAll(/\bwarnOperator\(\s*'(COSTSPAN_\w+)'/g)]);
  expect(new Set(explained.map(([, code]) => code))).toEqual(new Set(told.map(([, code]) => code)));
});

interface Schema {
  readonly properties: { readonly limits: { readonly anyOf: [{ readonly properties: object }] } };
}

it('has a line for each variable of the Collector files on docs/collector.md, and none that there is not', () => {
  const folder = join(ROOT, 'collector-config');
  const files = readdirSync(folder).filter((file) => /^otel-collector.*\.yaml$/.test(file));
  const used = files.flatMap((file) => [
    ...readFileSync(join(folder, file), 'utf8').matchAll(/\$\{env:(\w+)/g),
  ]);
  const page = readFileSync(join(ROOT, 'docs/collector.md'), 'utf8');
  const table = page.split('\n## ')[0]!;
  const named = [...table.matchAll(/`(COSTSPAN_\w+)`/g)];
  expect(new Set(named.map(([, name]) => name))).toEqual(new Set(used.map(([, name]) => name)));
});

it('names every key of costspan.yaml, and with it what it is for', () => {
  const pages = ['docs/config.md', 'docs/prices.md', 'packages/processor/README.md'];
  const text = pages.map((page) => readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')).join();
  const schema = readFileSync(new URL('../../packages/config/costspan.schema.json', import.meta.url), 'utf8');
  const keys = readKeys(JSON.parse(schema));
  expect(keys.length).toBeGreaterThan(50);
  expect(keys.filter((key) => !new RegExp(`\\b${key.replaceAll('.', '\\.')}\\b`).test(text))).toEqual([]);
});

/** The keys of every map that a JSON schema knows. */
function readKeys(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const inner = Object.values(schema).flatMap(readKeys);
  return 'properties' in schema ? [...Object.keys(schema.properties as object), ...inner] : inner;
}

it('says nothing twice in the changelog, as a merge of two that both wrote there would', () => {
  const lines = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('- '));
  expect(lines.filter((line, at) => lines.indexOf(line) !== at)).toEqual([]);
});

it('names only files that exist in the README', () => {
  const files = [...readme.matchAll(/`((?:packages|test|docs|collector-config)\/[\w./-]+)`/g)];
  expect(files.map(([, file]) => file!).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  expect(files.length).toBeGreaterThan(20);
});

it.each(listPages())('links from %s to nothing that there is not', (page) => {
  const links = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)];
  const broken = links.filter(([, link]) => {
    const [path = '', heading] = link!.split('#', 2);
    const target = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
    return !existsSync(target) || (heading !== undefined && !readHeadings(target).includes(heading));
  });
  expect(broken.map(([, link]) => link)).toEqual([]);
});

/** Everything that is written for people. */
function listPages(): string[] {
  const pages = ['docs', 'collector-config'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const readmes = readPackages().map(({ folder }) => join('packages', folder, 'README.md'));
  return ['README.md', 'CHANGELOG.md', 'grafana/render/README.md', ...readmes, ...pages].filter(
    (file) => file.endsWith('.md') && existsSync(join(ROOT, file)),
  );
}

/** The headings of a page as a link names them. */
const readHeadings = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
