import { expect, it } from 'vitest';
import { ROUTERS } from '../../src/attribution/routers/index.ts';
import { FRAMEWORKS } from '../../src/frameworks/index.ts';
import { createGate, matchAny } from '../../src/load/gate.ts';
import { PROVIDERS } from '../../src/providers/index.ts';

const gates = [...PROVIDERS, ...FRAMEWORKS, ...ROUTERS].map(createGate);
const anyPattern = matchAny(gates);

/** Files of gates as they are written, where they are no patterns themselves. */
const plainFiles = gates.flatMap(({ entry }) => entry.module.files).filter((file) => /^[\w./-]+$/.test(file));

const isOfSomeGate = (path: string): boolean => gates.some(({ pattern }) => pattern.test(path));

it.each([
  ['a path', (file: string) => `/app/node_modules/pkg/${file}.js`],
  ['a scope', (file: string) => `/app/node_modules/@scope/pkg/${file}.cjs`],
  ['Windows', (file: string) => `C:\\app\\node_modules\\pkg\\${file.replaceAll('/', '\\')}.js`],
  ['a URL with a query', (file: string) => `file:///app/node_modules/pkg/${file}.mjs?iitm=true`],
  ['below costspan', (file: string) => `/app/node_modules/@costspan/x/node_modules/pkg/${file}.js`],
])('one pattern finds every file of every gate: %s', (_name, write) => {
  expect(plainFiles.length).toBeGreaterThan(40);
  expect(plainFiles.map(write).filter((path) => !anyPattern.test(path))).toEqual([]);
});

it.each([
  '/app/node_modules/@mastra/core/dist/agent-AbCd_123.js',
  '/app/node_modules/hono/dist/cjs/router/smart-router/router.js',
  '/app/node_modules/pkg/deep/er/index.js',
  '/app/node_modules/pkg/index.json',
  '/app/client.js',
])('finds what one of the gates finds, and nothing else: %s', (path) => {
  expect(anyPattern.test(path)).toBe(isOfSomeGate(path));
});

it('passes costspan’s own files over', () => {
  const own = [
    '/app/node_modules/@costspan/instrumentation/dist/index.js',
    '/n/@costspan/semconv/packed/doors/index.js',
  ];
  expect(own.filter((path) => anyPattern.test(path))).toEqual([]);
});
