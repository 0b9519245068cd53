import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '@costspan/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './packages.ts';

const FOLDER = join(ROOT, 'packages/instrumentation');
const DOORS: Readonly<Record<string, string>> = {
  'index.js': 'index.js',
  'register.js': 'register.js',
  'inspect.js': 'inspect.js',
  'bundle-esbuild.js': 'bundle/esbuild.js',
  'bundle-next.js': 'bundle/next.js',
};

const load = createRequire(import.meta.url);
const readNames = (folder: string): string[] =>
  readdirSync(join(FOLDER, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.js'));
/** Modules of types alone are asked for by nobody. */
const hasExports = (path: string): boolean =>
  Object.keys(load(join(FOLDER, 'dist', path)) as object).length > 0;
const compiled = readNames('dist')
  .filter((path) => !Object.values(DOORS).includes(path) && hasExports(path))
  .sort();

beforeAll(async () => {
  const packed = await run('npm', ['run', '--silent', 'prepack'], { cwd: FOLDER });
  expect(packed).toMatchObject({ exitCode: 0, stderr: '' });
});

describe('what is published of @costspan/instrumentation', () => {
  it('holds each module once', () => {
    const files = readNames('packed').filter((file) => file !== 'load.js' && !file.startsWith('doors/'));
    const modules = files.flatMap((file) => Object.keys(load(join(FOLDER, 'packed', file)) as object));
    expect(modules.sort()).toEqual(compiled);
  });

  it.each(compiled)('%s exports what it exported', (path) => {
    const loadPacked = load(join(FOLDER, 'packed/load.js')) as (path: string) => object;
    expect(Object.keys(loadPacked(path))).toEqual(Object.keys(load(join(FOLDER, 'dist', path)) as object));
  });

  // The preload's exports nothing, and starts.
  const importable = Object.entries(DOORS).filter(([door]) => door !== 'register.js');
  it.each(importable)('the door %s opens to what it opened to', async (door, path) => {
    const names = async (file: string) => Object.keys((await import(join(FOLDER, file))) as object);
    expect(await names(`packed/doors/${door}`)).toEqual(await names(`dist/${path}`));
  });

  it('is few files for a process that loads an SDK, and fewer for any other', async () => {
    const program = (sdk: string): string =>
      `${sdk}; console.log(Object.keys(require.cache).filter((file) => file.includes('packed')).length)`;
    const count = async (sdk: string): Promise<string> => {
      const args = ['--require', join(FOLDER, 'packed/doors/register.js'), '-e', program(sdk)];
      return (await run(process.execPath, args, { cwd: join(ROOT, 'test') })).stdout.trim();
    };
    expect([await count(''), await count('require("openai")')]).toEqual(['3', '6']);
  });
});
