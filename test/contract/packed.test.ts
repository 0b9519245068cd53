import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '@costspan/testkit';
import { describe, expect, it } from 'vitest';
import { ROOT } from './packages.ts';

/** Every process with the preload loads them. */
const PACKED = ['semconv', 'pricing', 'api', 'config', 'instrumentation'];
/** It exports nothing, and starts. */
const PRELOAD = 'register.js';

const load = createRequire(import.meta.url);
const folderOf = (name: string): string => join(ROOT, 'packages', name);
const readNames = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.js'));

/** What is loaded by name, as the packed loader says; a door is a file by itself. */
function readPacked(name: string): string[] {
  const text = readFileSync(join(folderOf(name), 'packed/load.js'), 'utf8');
  return Object.keys(JSON.parse(/FILES = (\{[^}]*\});/.exec(text)?.[1] ?? '') as object);
}

describe.each(PACKED)('what is published of %s', (name) => {
  const folder = folderOf(name);

  it('is modules that export what the compiled ones do', () => {
    const loadPacked = load(join(folder, 'packed/load.js')) as (path: string) => object;
    const paths = readPacked(name);
    const packed = paths.map((path) => [path, Object.keys(loadPacked(path))]);
    expect(packed).toEqual(
      paths.map((path) => [path, Object.keys(load(join(folder, 'dist', path)) as object)]),
    );
  });

  it('has doors that open to what they opened to, for import as for require', async () => {
    const doors = readNames(join(folder, 'packed/doors')).filter((door) => door !== PRELOAD);
    const names = async (file: string) => Object.keys((await import(join(folder, file))) as object);
    for (const door of doors) {
      const path = door.replace(/^(bundle|estimate)-/, '$1/');
      expect(await names(`packed/doors/${door}`), door).toEqual(await names(`dist/${path}`));
      const required = load(join(folder, 'packed/doors', door)) as object;
      expect(Object.keys(required), door).toEqual(Object.keys(load(join(folder, 'dist', path)) as object));
    }
  });
});

describe('what is published of instrumentation', () => {
  it('holds every module but those of types alone, which nobody asks for', () => {
    const doors = ['index.js', 'register.js', 'inspect.js', 'bundle/esbuild.js', 'bundle/next.js'];
    const hasExports = (path: string): boolean =>
      Object.keys(load(join(folderOf('instrumentation'), 'dist', path)) as object).length > 0;
    const compiled = readNames(join(folderOf('instrumentation'), 'dist')).filter(
      (path) => !doors.includes(path) && hasExports(path),
    );
    expect(readPacked('instrumentation').sort()).toEqual(compiled.sort());
  });

  it('is few files for a process that loads an SDK, and fewer for any other', async () => {
    const register = join(folderOf('instrumentation'), 'packed/doors/register.js');
    const count = async (sdk: string): Promise<string> => {
      const program = `${sdk}; console.log(Object.keys(require.cache).filter((file) => file.includes('packed')).length)`;
      const result = await run(process.execPath, ['--require', register, '-e', program], {
        cwd: join(ROOT, 'test'),
      });
      return result.stdout.trim();
    };
    expect([await count(''), await count('require("openai")')]).toEqual(['4', '12']);
  });
});
