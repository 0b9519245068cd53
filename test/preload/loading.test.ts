import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endOf, fixture, type Launch, NODE_NAMES, namesOf, REGISTER, repeatedIds, Stage } from './preload.ts';

/** Every way in which an application and the preload may be loaded; the result must not depend on it. */
const WAYS: Readonly<Record<string, Launch>> = {
  '--require, CommonJS': { app: [fixture('calls.cjs')] },
  '--require, ES module': { app: [fixture('calls.mjs')] },
  '--import, CommonJS': { flags: ['--import', REGISTER], app: [fixture('calls.cjs')] },
  '--import, ES module': { flags: ['--import', REGISTER], app: [fixture('calls.mjs')] },
  'NODE_OPTIONS, CommonJS': {
    flags: [],
    app: [fixture('calls.cjs')],
    env: { NODE_OPTIONS: `--require ${REGISTER}` },
  },
  'NODE_OPTIONS, ES module': {
    flags: [],
    app: [fixture('calls.mjs')],
    env: { NODE_OPTIONS: `--require ${REGISTER}` },
  },
  'NODE_OPTIONS and --require at once': {
    app: [fixture('calls.cjs')],
    env: { NODE_OPTIONS: `--require ${REGISTER}` },
  },
  '-e, CommonJS': { app: ['-e', readFileSync(fixture('calls.cjs'), 'utf8')] },
  '-e, ES module': {
    app: ['--input-type=module', '-e', readFileSync(fixture('calls.mjs'), 'utf8')],
  },
  'standard input, CommonJS': { app: ['-'], stdin: readFileSync(fixture('calls.cjs'), 'utf8') },
  'standard input, ES module': {
    app: ['--input-type=module', '-'],
    stdin: readFileSync(fixture('calls.mjs'), 'utf8'),
  },
  'a worker thread, ES module': { app: [fixture('worker.mjs'), 'calls.mjs'] },
  'a worker thread, CommonJS': { app: [fixture('worker.mjs'), 'calls.cjs'] },
  'a forked process': { app: [fixture('fork.cjs')] },
  'another preload before': {
    flags: ['--require', fixture('other-preload.cjs'), '--require', REGISTER],
    app: [fixture('calls.cjs')],
  },
  'another preload after': {
    flags: ['--require', REGISTER, '--require', fixture('other-preload.cjs')],
    app: [fixture('calls.cjs')],
  },
  'asynchronous loader hooks, ES module': {
    flags: ['--no-deprecation', '--require', REGISTER, '--import', fixture('register-hooks.mjs')],
    app: [fixture('calls.mjs')],
  },
  'asynchronous loader hooks, CommonJS': {
    flags: ['--no-deprecation', '--require', REGISTER, '--import', fixture('register-hooks.mjs')],
    app: [fixture('calls.cjs')],
  },
  'asynchronous loader hooks before --import of the preload': {
    flags: ['--no-deprecation', '--import', fixture('register-hooks.mjs'), '--import', REGISTER],
    app: [fixture('calls.mjs')],
  },
  '--experimental-loader': {
    flags: ['--no-warnings', '--require', REGISTER, '--experimental-loader', fixture('loader-hooks.mjs')],
    app: [fixture('calls.mjs')],
  },
  'import-in-the-middle, ES module': {
    flags: ['--no-warnings', '--require', REGISTER, '--experimental-loader', 'import-in-the-middle/hook.mjs'],
    app: [fixture('calls.mjs')],
  },
  'OpenTelemetry’s loader before --import of the preload': {
    flags: [
      '--no-warnings',
      '--experimental-loader',
      '@opentelemetry/instrumentation/hook.mjs',
      '--import',
      REGISTER,
    ],
    app: [fixture('calls.mjs')],
  },
  'tsx before, CommonJS': {
    flags: ['--no-warnings', '--import', 'tsx', '--import', REGISTER],
    app: [fixture('calls.cjs')],
  },
  'tsx after, CommonJS': {
    flags: ['--no-warnings', '--require', REGISTER, '--import', 'tsx'],
    app: [fixture('calls.cjs')],
  },
  'tsx after, TypeScript that is CommonJS': {
    flags: ['--no-warnings', '--require', REGISTER, '--import', 'tsx'],
    app: [fixture('calls.cts')],
  },
  'tsx before, ES module': {
    flags: ['--no-warnings', '--import', 'tsx', '--require', REGISTER],
    app: [fixture('calls.mjs')],
  },
  'synchronous hooks that change URLs, before': {
    flags: ['--require', fixture('rename-hooks.cjs'), '--require', REGISTER],
    app: [fixture('calls.mjs')],
  },
  'synchronous hooks that change URLs, after': {
    flags: ['--require', REGISTER, '--require', fixture('rename-hooks.cjs')],
    app: [fixture('calls.mjs')],
  },
};

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

const ANSWERED = {
  exitCode: 0,
  signal: undefined,
  stdout: 'chat.completion message\n',
  stderr: '',
  isTimedOut: false,
};

async function expectBothCalls(launch: Launch): Promise<void> {
  expect(endOf(await stage.run(launch))).toEqual(ANSWERED);
  expect(namesOf(stage.callSpans())).toEqual(['chat claude-haiku-4-5', 'chat gpt-4o-mini']);
  expect(repeatedIds(stage.sink.spans)).toEqual([]);
}

it.each([
  ['a Node that is too old', 'older-node.cjs', `Node ${process.versions.node}`],
  ['Deno', 'deno.cjs', 'Deno 2.9.6'],
  ['Bun', 'bun.cjs', 'Bun 1.4.5'],
])('%s is told once and left alone: calls, tasks and requests', async (_runtime, before, name) => {
  const flags = ['--require', fixture(before), '--require', REGISTER];
  const { stderr, ...end } = endOf(await stage.run({ flags, app: [fixture('task-and-calls.cjs')] }));
  expect(end).toEqual({ ...ANSWERED, stderr: undefined });
  expect(stderr.match(/COSTSPAN_NODE_VERSION/g)).toHaveLength(1);
  expect(stderr).toContain(`costspan records nothing on ${name}. Fix: use Node 22.15 or newer.`);
  expect(stage.sink.spans).toEqual([]);
});

describe.each(NODE_NAMES)('Node %s', (node) => {
  it.each(Object.entries(WAYS))('records both calls: %s', async (_name, launch) => {
    await expectBothCalls({ ...launch, node });
  });

  // Node strips types from 22.18 on without a flag.
  const flags = node === '22.15' ? ['--no-warnings', '--experimental-strip-types'] : ['--no-warnings'];
  it.each(['calls.mts', 'calls.cts'])('records both calls of %s, whose types Node strips', async (name) => {
    await expectBothCalls({ node, flags: [...flags, '--require', REGISTER], app: [fixture(name)] });
  });

  it.each([
    ['-e', ['-e', 'console.log(1)'], undefined],
    ['standard input', ['-'], 'console.log(1)'],
    ['--print', ['--print', '1'], undefined],
  ])('leaves a process without an SDK as it is: %s', async (_name, app, stdin) => {
    const result = await stage.run({ node, app, ...(stdin === undefined ? {} : { stdin }) });
    expect(endOf(result)).toEqual({ ...ANSWERED, stdout: '1\n' });
    expect(stage.sink.requests).toEqual([]);
  });

  it('adds nothing to the global object that a copy of it has too', async () => {
    const result = await stage.run({
      node,
      app: ['--print', 'Object.getOwnPropertySymbols({ ...globalThis }).map(String)'],
    });
    expect(endOf(result)).toEqual({ ...ANSWERED, stdout: '[]\n' });
  });

  it('patches nothing with COSTSPAN_ENABLED=false', async () => {
    const result = await stage.run({ node, app: [fixture('calls.mjs')], env: { COSTSPAN_ENABLED: 'false' } });
    expect(endOf(result)).toEqual(ANSWERED);
    expect(stage.sink.requests).toEqual([]);
  });

  it('asks Node for no module again with each request of the application', async () => {
    const result = await stage.run({ node, app: [fixture('counts-loads.cjs')] });
    expect(endOf(result)).toEqual({ ...ANSWERED, stdout: '[0,0]\n' });
  });
});
