/** Services whose builder puts the web framework into the server that it writes, built for real and started under the preload. */
import { cpSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, run, until } from '@costspan/testkit';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from '../preload/preload.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const fixtures = join(import.meta.dirname, 'fixtures');
const modules = join(import.meta.dirname, '..', 'node_modules');

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

/** A builder, its command line, and the server that it writes. */
interface Built {
  readonly packages: readonly string[];
  readonly command: readonly string[];
  readonly server: string;
}
const BUILT: Readonly<Record<string, Built>> = {
  'svelte-kit': {
    packages: ['@sveltejs/adapter-node', '@sveltejs/kit', '@sveltejs/vite-plugin-svelte', 'svelte', 'vite'],
    command: ['vite/bin/vite.js', 'build'],
    server: 'build/index.js',
  },
  astro: {
    packages: ['@astrojs/node', 'astro'],
    command: ['astro/bin/astro.mjs', 'build'],
    server: 'dist/server/entry.mjs',
  },
  nitro: {
    packages: ['nitro'],
    command: ['nitro/dist/cli/index.mjs', 'build'],
    server: '.output/server/index.mjs',
  },
};

/** An application of it inside the workspace, built. */
async function buildApp(name: string, { packages, command, server }: Built): Promise<string> {
  const app = createFolder(name);
  cpSync(join(fixtures, name), app, { recursive: true });
  cpSync(join(fixtures, 'answer.mjs'), join(app, 'answer.mjs'));
  for (const from of ['openai', ...packages]) linkPackage(app, from);
  const [cli = '', ...args] = command;
  const env = { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ASTRO_TELEMETRY_DISABLED: '1' };
  const built = await run(process.execPath, [join(app, 'node_modules', cli), ...args], { cwd: app, env });
  expect({
    exitCode: built.exitCode,
    output: built.exitCode === 0 ? '' : built.stdout + built.stderr,
  }).toEqual({
    exitCode: 0,
    output: '',
  });
  return join(app, server);
}

function createFolder(name: string): string {
  const app = join(ROOT, '.cache', 'bundlers', name);
  rmSync(app, { recursive: true, force: true });
  mkdirSync(app, { recursive: true });
  return app;
}

function linkPackage(app: string, name: string): void {
  const link = join(app, 'node_modules', name);
  mkdirSync(join(link, '..'), { recursive: true });
  symlinkSync(realpathSync(join(modules, name)), link);
}

/** The answers of a server with and without the preload, and the routes that its calls and tasks have with it. */
async function serve(server: string) {
  const port = await findFreePort();
  const ask = async (flags: { flags?: readonly string[] }): Promise<string[]> => {
    const env = { PORT: String(port), HOST: '127.0.0.1' };
    const service = stage.launch({ ...flags, app: [server], env });
    const answerTo = async (path: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    await until(async () => answerTo('/users/first').then(Boolean, () => false));
    const answers = [await answerTo('/users/alice?x=1'), await answerTo('/nowhere/carol')];
    await service.stop({ signal: 'SIGTERM' });
    return [...answers, (await service.ended).stderr];
  };
  const without = await ask({ flags: [] });
  const answers = await ask({});
  const features = stage.callSpans().map(({ attributes }) => attributes['costspan.feature']);
  const routes = stage.taskSpans().map(({ attributes }) => attributes['http.route']);
  return { without, answers, features, routes };
}

const ANSWERS = ['1 for alice', '1 for nowhere/carol', ''];
const expectRoute = (served: Awaited<ReturnType<typeof serve>>, route: string): void =>
  expect(served).toEqual({
    without: ANSWERS,
    answers: ANSWERS,
    features: [route, route, '/nowhere/carol'],
    routes: [route, route, undefined],
  });

describe('a server that a builder has written tells its routes', () => {
  it.each([
    ['svelte-kit', '/users/[name]'],
    ['astro', '/users/[name]'],
    ['nitro', '/users/:name'],
  ])('%s', async (name, route) => {
    expectRoute(await serve(await buildApp(name, BUILT[name]!)), route);
  });

  it('nuxt, as far as h3 1 in one file of it', async () => {
    const app = createFolder('nuxt');
    linkPackage(app, 'openai');
    const outfile = join(app, '.output', 'server', 'chunks', 'nitro', 'nitro.mjs');
    const entryPoints = [join(fixtures, 'nuxt.mjs')];
    await build({
      entryPoints,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['openai'],
      outfile,
    });
    expectRoute(await serve(outfile), '/users/:name');
  });
});
