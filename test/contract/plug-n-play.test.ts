/** Yarn's Plug'n'Play: packages that stay in their archives, and no `node_modules`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, startProcess } from '@costspan/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IS_OFFLINE, packAll } from './packages.ts';

const YARN = ['--yes', '@yarnpkg/cli-dist@4.18.1'];
/** Large enough for a thread that decodes. */
const SPANS_A_BODY = 1_000;
const BODIES = 8;

let folder: string;
let app: string;
let offline: string | undefined;

let env: NodeJS.ProcessEnv;

const yarn = (...args: string[]) => run('npx', [...YARN, ...args], { cwd: app, env });

/** Yarn does not read npm's settings, by which the registry is reached here. */
async function readYarnEnvironment(): Promise<NodeJS.ProcessEnv> {
  const read = async (key: string): Promise<string> =>
    (await run('npm', ['config', 'get', key], { cwd: app })).stdout.trim();
  const [registry, authorities] = [await read('registry'), await read('cafile')];
  return {
    ...(authorities !== 'null' && { NODE_EXTRA_CA_CERTS: authorities }),
    ...process.env,
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_UNSAFE_HTTP_WHITELIST: new URL(registry).hostname,
    YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
    YARN_ENABLE_TELEMETRY: '0',
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-pnp-'));
  app = join(folder, 'app');
  mkdirSync(app);
  env = await readYarnEnvironment();
  const files = Object.fromEntries(
    [...(await packAll(folder))].map(([name, path]) => [name, `file:${path}`]),
  );
  const { costspan, '@costspan/instrumentation': instrumentation } = files;
  const dependencies = {
    costspan,
    '@costspan/instrumentation': instrumentation,
    '@opentelemetry/api': '^1.9.0',
  };
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', dependencies, resolutions: files }));
  writeFileSync(join(app, 'yarn.lock'), '');
  writeFileSync(join(app, 'app.cjs'), "console.log(typeof require('node:http').request);\n");
  const installed = await yarn('install');
  if (installed.exitCode === 0) return;
  offline = installed.stdout + installed.stderr;
  if (!IS_OFFLINE.test(offline) || process.env.CI === 'true') throw new Error(offline);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('runs the command and the preload from their archives', async (context) => {
  if (offline !== undefined) context.skip(`the package registry cannot be reached: ${offline}`);
  expect(await yarn('costspan', 'price', 'gpt-5')).toMatchObject({ exitCode: 0, stderr: '' });
  const preloaded = ['node', '--require', '@costspan/instrumentation/register', 'app.cjs'];
  expect(await yarn(...preloaded)).toMatchObject({ exitCode: 0, stdout: 'function\n', stderr: '' });
  const looked = await yarn('costspan', 'doctor', '--format', 'json', '--', ...preloaded);
  expect(JSON.parse(looked.stdout)).toMatchObject({
    findings: expect.arrayContaining([{ subject: 'preload', state: 'ok', text: expect.any(String) }]),
  });
});

it('keeps what the processor acknowledges, and decodes it in a thread', async (context) => {
  if (offline !== undefined) context.skip(`the package registry cannot be reached: ${offline}`);
  const bin = (await yarn('bin', 'costspan')).stdout.trim();
  const doors = ['--otlp-http', '--otlp-grpc', '--metrics'].flatMap((door) => [door, '127.0.0.1:0']);
  // Node as `yarn node` starts it: yarn does not pass on the signal that ends it.
  const args = [
    '--require',
    join(app, '.pnp.cjs'),
    bin,
    'processor',
    '--data',
    join(folder, 'data'),
    ...doors,
  ];
  const processor = startProcess(process.execPath, args, { cwd: app });
  try {
    const { otlp_http: door } = await processor.waitForEvent('ready');
    const answers = Array.from({ length: BODIES }, (_, index) => post(`${door}/v1/traces`, index));
    expect(await Promise.all(answers)).toEqual(Array.from({ length: BODIES }, () => 200));
  } finally {
    expect(await processor.stop()).toMatchObject({ exitCode: 0, stderr: '' });
  }
});

async function post(url: string, index: number): Promise<number> {
  const nowNs = `${Date.now()}000000`;
  const spans = Array.from({ length: SPANS_A_BODY }, (_, at) => ({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: (index * SPANS_A_BODY + at + 1).toString(16).padStart(16, '0'),
    name: 'chat gpt-5',
    startTimeUnixNano: nowNs,
    endTimeUnixNano: nowNs,
    attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
  }));
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body })).status;
}
