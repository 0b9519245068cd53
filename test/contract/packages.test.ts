import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IS_OFFLINE, type Package, packAll, ROOT, readPackages } from './packages.ts';

/** Folder → name, as the outside knows it, and the doors of each. */
const PUBLISHED: Readonly<Record<string, readonly [name: string, doors: readonly string[]]>> = {
  semconv: ['@costspan/semconv', ['.']],
  pricing: ['@costspan/pricing', ['.', './estimate', './table']],
  api: ['@costspan/api', ['.']],
  budgets: ['@costspan/budgets', ['.']],
  config: ['@costspan/config', ['.', './costspan.schema.json']],
  instrumentation: ['@costspan/instrumentation', ['.', './register', './inspect', './esbuild', './next']],
  aggregate: ['@costspan/aggregate', ['.']],
  processor: ['@costspan/processor', ['.']],
  monitoring: ['@costspan/monitoring', ['.']],
  cli: ['costspan', []],
};
const MAX_INSTALL_BYTES = 20 * 1024 * 1024;

const published = readPackages().filter(({ manifest }) => manifest.private !== true);
const tool = (name: string): string => join(ROOT, 'node_modules', '.bin', name);
let folder: string;
/** Name → path of what would be published. */
let tarballs: ReadonlyMap<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-packages-'));
  tarballs = await packAll(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('publishes these packages and no other', () => {
  const names = published.map(({ folder: own, manifest }) => [own, manifest.name]);
  expect(Object.fromEntries(names)).toEqual(
    Object.fromEntries(Object.entries(PUBLISHED).map(([own, [name]]) => [own, name])),
  );
});

describe.each(published.map((own) => [own.manifest.name, own] as const))('%s', (name, own: Package) => {
  it('has the doors, the licence and the engine that it promises', () => {
    const { exports = {}, license, engines, type } = own.manifest;
    const doors = Object.keys(exports).filter((door) => door !== './package.json');
    expect({ doors, license, engines, type }).toEqual({
      doors: PUBLISHED[own.folder]?.[1],
      license: 'Apache-2.0',
      engines: { node: '>=22.15' },
      type: 'commonjs',
    });
  });

  it('says what it is where a package registry shows it', () => {
    const readme = readFileSync(join(own.path, 'README.md'), 'utf8');
    expect(readme.split('\n')[0]).toBe(`# ${name}`);
  });

  it('is what publint takes for right', async () => {
    const result = await run(tool('publint'), ['--strict', tarballs.get(name)!], { cwd: own.path });
    expect(`${result.stdout}${result.stderr}`).toMatch(/All good!/);
    expect(result.exitCode).toBe(0);
  });

  // The command has no door to import.
  const hasDoors = PUBLISHED[own.folder]?.[1].length !== 0;
  if (hasDoors)
    it('has types that resolve in every mode', async () => {
      // `node10` knows no exports map; Node before 12.7 is no target.
      const flags = ['--profile', 'node16', '--format', 'table-flipped', '--no-color'];
      const result = await run(tool('attw'), [tarballs.get(name)!, ...flags], { cwd: own.path });
      expect({ exitCode: result.exitCode, output: result.exitCode === 0 ? '' : result.stdout }).toEqual({
        exitCode: 0,
        output: '',
      });
    });
});

describe('an install of @costspan/instrumentation alone', () => {
  it('takes at most 20 MB, loads, and brings no SDK of OpenTelemetry', async (context) => {
    const app = join(folder, 'app');
    const files = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]));
    const instrumentation = files['@costspan/instrumentation'];
    mkdirSync(app);
    writeFileSync(
      join(app, 'package.json'),
      JSON.stringify({
        name: 'app',
        version: '1.0.0',
        dependencies: { '@costspan/instrumentation': instrumentation },
        overrides: Object.fromEntries(
          Object.entries(files).filter(([name]) => name !== '@costspan/instrumentation'),
        ),
      }),
    );
    const install = ['install', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const result = await run('npm', install, { cwd: app });
    if (IS_OFFLINE.test(result.stderr) && process.env.CI !== 'true') {
      context.skip(`the package registry cannot be reached: ${result.stderr.split('\n', 1)[0]}`);
    }
    expect({ exitCode: result.exitCode, stderr: result.stderr }).toMatchObject({ exitCode: 0 });
    const modules = join(app, 'node_modules');
    expect(measureBytes(modules)).toBeLessThan(MAX_INSTALL_BYTES);
    // By its whole path where the application lies elsewhere.
    for (const [preload, cwd] of [
      ['@costspan/instrumentation/register', app],
      [join(modules, '@costspan/instrumentation/register.js'), folder],
    ] as const) {
      const started = await run(process.execPath, ['--require', preload, '-e', 'console.log(1)'], { cwd });
      expect({ stdout: started.stdout, stderr: started.stderr }).toEqual({ stdout: '1\n', stderr: '' });
    }
    expect(readdirSync(join(modules, '@opentelemetry'))).toEqual(['api']);
  });
});

function measureBytes(path: string): number {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return entries.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
