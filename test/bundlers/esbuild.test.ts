/** Applications whose SDK lies inside their bundle: with the plugin they are recorded, without it the doctor says so. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { costspan } from '@costspan/instrumentation/esbuild';
import { run } from '@costspan/testkit';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REGISTER_PATH, Stage } from '../preload/preload.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const bin = join(
  dirname(createRequire(import.meta.url).resolve('costspan/package.json')),
  'bin',
  'costspan.js',
);
let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await Stage.start();
  folder = mkdtempSync(join(tmpdir(), 'costspan-bundle-'));
});
beforeEach(() => stage.clear());
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Bundles the application with everything in it. */
async function bundle(name: string, options: BuildOptions): Promise<string> {
  const outfile = join(folder, name);
  await build({
    entryPoints: [join(import.meta.dirname, 'fixtures', 'ask.mjs')],
    bundle: true,
    platform: 'node',
    outfile,
    logLevel: 'error',
    banner: {
      js: "import { createRequire as createBundleRequire } from 'node:module'; const require = createBundleRequire(import.meta.url);",
    },
    format: 'esm',
    ...options,
  });
  return outfile;
}
const runApp = (app: string) =>
  run(process.execPath, ['--require', REGISTER_PATH, app], { cwd: folder, env: stage.environment() });

describe('a bundle of esbuild', () => {
  it.each([
    ['plain', {}],
    ['minified', { minify: true }],
  ])('%s, made with the plugin, is recorded', async (name, options) => {
    const app = await bundle(`${name}.mjs`, { ...options, plugins: [costspan()] });
    expect(readFileSync(app, 'utf8')).not.toContain(ROOT);
    const result = await runApp(app);
    expect({ stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode }).toEqual({
      stdout: '1\n',
      stderr: '',
      exitCode: 0,
    });
    expect(stage.callSpans().map((span) => span.name)).toEqual(['chat gpt-4o-mini']);
  });

  it('knows what runs the jobs of a schedule', async () => {
    const entryPoints = [join(import.meta.dirname, 'fixtures', 'schedule.mjs')];
    const app = await bundle('schedule.mjs', { entryPoints, minify: true, plugins: [costspan()] });
    const { stdout, stderr } = await runApp(app);
    expect({ stdout, stderr }).toEqual({ stdout: '1\n', stderr: '' });
    expect(stage.taskSpans().map(({ name }) => name)).toEqual(['task nightly']);
  });

  it.each([
    ['plain', {}],
    ['minified', { minify: true }],
  ])('%s, knows the routes of its web framework', async (name, options) => {
    const entryPoints = [join(import.meta.dirname, 'fixtures', 'hono.mjs')];
    const app = await bundle(`hono-${name}.mjs`, { ...options, entryPoints, plugins: [costspan()] });
    const result = await runApp(app);
    expect({ stdout: result.stdout, stderr: result.stderr }).toEqual({ stdout: '1\n', stderr: '' });
    expect(stage.taskSpans().map((span) => span.name)).toEqual(['task GET /users/:name']);
  });

  it('with the plugin runs without the preload as it would without it', async () => {
    const app = await bundle('alone.mjs', { plugins: [costspan()] });
    const result = await run(process.execPath, [app], { cwd: folder, env: stage.environment() });
    expect({ stdout: result.stdout, stderr: result.stderr }).toEqual({ stdout: '1\n', stderr: '' });
    expect(stage.callSpans()).toEqual([]);
  });

  it.each([
    ['plain', {}],
    ['minified', { minify: true }],
  ])('%s, made without it, is what the doctor finds', async (name, options) => {
    const app = await bundle(`without-${name}.mjs`, options);
    const args = [bin, 'doctor', '--', process.execPath, '--require', REGISTER_PATH, app];
    const result = await run(process.execPath, args, { cwd: folder, env: stage.environment() });
    expect(result.stdout).toMatch(
      /FAIL sdk +openai is bundled into without-\w+\.mjs: NOT recorded; its calls count by what they send, .*\n +fix: /,
    );
    expect(result.exitCode).toBe(1);
  });
});
