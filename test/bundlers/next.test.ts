/** A service of Next.js, built for real and started under the preload: `withCostspan` keeps SDKs and frameworks out of its bundles. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { findFreePort, type RunningProcess, run, type SinkSpan, until } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderTree } from '../frameworks/tree.ts';
import { type Launch, REGISTER, Stage } from '../preload/preload.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const modules = join(import.meta.dirname, '..', 'node_modules');
const MAJORS = ['next-15', 'next-16'] as const;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

/** An application of this Next.js, inside the workspace as its bundler wants it. */
function createApp(next: string): string {
  const app = join(ROOT, '.cache', 'bundlers', next);
  rmSync(app, { recursive: true, force: true });
  cpSync(join(import.meta.dirname, 'fixtures', 'next'), app, { recursive: true });
  for (const [name, from] of Object.entries({
    next,
    react: 'react',
    'react-dom': 'react-dom',
    openai: 'openai',
    '@openai/agents-core': '@openai/agents-core',
    '@openai/agents-openai': '@openai/agents-openai',
  })) {
    const link = join(app, 'node_modules', name);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(realpathSync(join(modules, from)), link);
  }
  installFlat('@costspan/instrumentation', dirname(modules), app);
  return app;
}

/** Puts a package and all that it needs beside each other, as npm does. */
function installFlat(name: string, from: string, app: string): void {
  const target = join(app, 'node_modules', name);
  const source = findPackage(name, from);
  if (existsSync(target) || source === undefined) return;
  cpSync(source, target, {
    recursive: true,
    filter: (path) => !relative(source, path).startsWith('node_modules'),
  });
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(join(source, 'package.json'), 'utf8'),
  ) as { dependencies?: object; peerDependencies?: object };
  for (const needed of Object.keys({ ...dependencies, ...peerDependencies }))
    installFlat(needed, source, app);
}

function findPackage(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name);
  if (existsSync(folder)) return realpathSync(folder);
  return dirname(from) === from ? undefined : findPackage(name, dirname(from));
}

/** What `output: 'standalone'` has put together, where nothing else is to be found. */
function moveStandalone(app: string): { readonly cwd: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-standalone-'));
  const built = join(app, '.next', 'standalone');
  cpSync(built, folder, { recursive: true, verbatimSymlinks: true });
  return {
    cwd: join(folder, relative(ROOT, app)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

describe.each(MAJORS)('%s', (next) => {
  it('builds, serves and is recorded, with the route as the feature', async () => {
    const app = createApp(next);
    const cli = join(app, 'node_modules', 'next', 'dist', 'bin', 'next');
    const env = {
      ...stage.environment(),
      OTEL_BSP_SCHEDULE_DELAY: '100',
      NEXT_TELEMETRY_DISABLED: '1',
      NODE_ENV: 'production',
    };
    const built = await run(process.execPath, [cli, 'build'], { cwd: app, env });
    expect({
      exitCode: built.exitCode,
      output: built.exitCode === 0 ? '' : built.stdout + built.stderr,
    }).toEqual({
      exitCode: 0,
      output: '',
    });
    const start = [cli, 'start', '--hostname', '127.0.0.1', '--port', '0'];
    await expectRecorded({ app: start, env, cwd: app });
    const standalone = moveStandalone(app);
    try {
      const address = { HOSTNAME: '127.0.0.1', PORT: String(await findFreePort()) };
      await expectRecorded({ app: ['server.js'], env: { ...env, ...address }, cwd: standalone.cwd });
    } finally {
      standalone.remove();
    }
  });
});

/** Asks a service for all that it has. */
async function expectRecorded({
  app,
  env,
  cwd,
}: Required<Pick<Launch, 'app' | 'env' | 'cwd'>>): Promise<void> {
  stage.clear();
  const service = stage.launch({
    flags: [],
    app,
    env: { ...env, NODE_OPTIONS: `--require ${REGISTER}` },
    cwd,
  });
  const origin = await readOrigin(service);
  expect(await (await fetch(`${origin}/api/ask`)).json()).toEqual({ choices: 1 });
  expect(await (await fetch(`${origin}/api/agent`)).json()).toEqual({ agent: 'support' });
  // Which streams its answer.
  expect(await (await fetch(`${origin}/api/chat/blue`)).text()).toContain('"finish_reason":"stop"');
  await stage.sink.waitForSpans(7);
  await service.stop();
  expect(renderTree(stage.sink.spans, renderFeature)).toEqual([
    'task GET /api/ask for /api/ask',
    '  chat gpt-4o-mini for /api/ask',
    'task GET /api/agent for /api/agent',
    '  invoke_agent support for /api/agent',
    '    chat gpt-4o-mini for /api/agent',
    'task GET /api/chat/[room] for /api/chat/[room]',
    '  chat gpt-4o-mini for /api/chat/[room]',
  ]);
}

const renderFeature = ({ attributes }: SinkSpan): string => ` for ${String(attributes['costspan.feature'])}`;

/** Where the service listens, as it says itself. */
async function readOrigin(service: RunningProcess): Promise<string> {
  const read = () => /http:\/\/127\.0\.0\.1:\d+/.exec(service.stdout())?.[0];
  await until(() => read() !== undefined && /Ready/.test(service.stdout()));
  return read()!;
}
