/** What each framework adds to the calls: real packages against the stand-in, and the application sees no difference. */
import { join } from 'node:path';
import type { RunResult, SinkSpan } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findFaults } from '../conformance/semconv.ts';
import { REGISTER, Stage } from '../preload/preload.ts';
import { renderTree } from './tree.ts';
import { agent, inside, TREES } from './trees.ts';

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

/** All that a step may say. */
const ALLOWED =
  /^(gen_ai\.(operation\.name|agent\.name|workflow\.name|tool\.(name|type|call\.id)|retrieval\.top_k|data_source\.id)|costspan\.feature|error\.type)$/;
const byStart = (a: SinkSpan, b: SinkSpan): number => a.startMs - b.startMs;

const sawOf = ({ stdout, stderr, exitCode }: RunResult) => ({
  seen: JSON.parse(stdout) as unknown,
  // Stacks go through our functions, and name files of ours.
  stderr: stderr.replace(/^ +at .*\n/gm, ''),
  exitCode,
});

it('says who ran and never what passed', async () => {
  await stage.run({ app: [fixture('langchain.mjs')], env: { TOOL_FAILS: 'yes' } });
  const calls = stage.callSpans();
  const steps = stage.sink.spans.filter((span) => !calls.includes(span));
  const [run, tool] = steps
    .filter(({ name }) => /invoke_agent support|execute_tool/.test(name))
    .sort(byStart);
  expect(run?.attributes).toEqual({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'support',
    'costspan.feature': 'support',
  });
  expect([tool?.kind, tool?.status, tool?.attributes]).toEqual([
    'internal',
    { code: 'error', message: 'RangeError' },
    {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'look_up',
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': expect.stringMatching(/^call_/),
      'costspan.feature': 'support',
      'error.type': 'RangeError',
    },
  ]);
  const retrieval = steps.find(({ name }) => name === 'retrieval');
  expect([retrieval?.kind, retrieval?.attributes]).toEqual([
    'client',
    { 'gen_ai.operation.name': 'retrieval', 'gen_ai.retrieval.top_k': 2, 'costspan.feature': 'unattributed' },
  ]);
  expect(
    steps.filter(({ attributes }) => Object.keys(attributes).some((name) => ALLOWED.test(name) === false)),
  ).toEqual([]);
});

it.each(['4', '5', '6', '7'])('a stream of AI SDK %s ends where it is aborted', async (major) => {
  await stage.run({ app: [fixture('ai-sdk-agent.mjs'), major] });
  const agents = stage.sink.spans.filter(({ name }) => name === 'invoke_agent support').sort(byStart);
  const at = agents.findIndex(({ attributes }) => attributes['error.type'] === 'aborted');
  const [broken, readOn] = [agents[at]!, agents[at + 1]!];
  expect(broken.endMs).toBeLessThanOrEqual(readOn.startMs);
  const call = stage.callSpans().find(({ parentSpanId }) => parentSpanId === broken.spanId)!;
  expect(call.endMs).toBeLessThanOrEqual(readOn.startMs);
});

it.each(['langchain-required.cjs', 'ai-sdk-required.cjs'])('CommonJS is told alike: %s', async (name) => {
  const bare = await stage.run({ flags: [], app: [fixture(name)] });
  const watched = await stage.run({ app: [fixture(name)] });
  expect(sawOf(watched)).toEqual(sawOf(bare));
  expect(renderTree(stage.sink.spans)).toEqual(agent('support'));
});

it('lies in what is around it, and around what is in it', async () => {
  await stage.run({ app: [fixture('scopes.mjs')] });
  const task = (lines: readonly string[], name: string): string[] =>
    lines.map((line) => `${line} in ${name}`);
  const plain = (feature: string): string[] => agent('plain', feature);
  expect(renderTree(stage.sink.spans)).toEqual([
    // The route is the feature, the agent's name is not; the request is the task.
    'task GET /tickets/:id for /tickets/:id in GET /tickets/:id',
    ...inside(task(plain('/tickets/:id'), 'GET /tickets/:id')),
    // A scope names the feature.
    ...plain('refunds'),
    'task resolve in resolve',
    ...inside(task(plain('plain'), 'resolve')),
    // A task of the application's inside of a tool.
    'invoke_agent inner for inner',
    '  chat gpt-4o-mini for inner',
    '  execute_tool look_up for inner',
    '    task check for inner in check',
    '      chat gpt-4o-mini for inner in check',
    '  chat gpt-4o-mini for inner',
    // An agent that helps another one works for the same feature.
    'invoke_agent outer for outer',
    '  chat gpt-4o-mini for outer',
    '  execute_tool look_up for outer',
    ...inside(inside(plain('outer'))),
    '  chat gpt-4o-mini for outer',
    // Two at once.
    ...agent('a'),
    ...agent('b'),
  ]);
});

describe.each(Object.entries(TREES))('%s', (command, tree) => {
  const [name = '', ...rest] = command.split(' ');
  const app = [fixture(name), ...rest];

  it('sees what it would have seen, and its work is told as it is built', async () => {
    const bare = await stage.run({ flags: [], app });
    const watched = await stage.run({ app });
    expect(sawOf(watched)).toEqual(sawOf(bare));
    expect(renderTree(stage.sink.spans)).toEqual(tree);
    const named = stage.sink.spans.filter(({ attributes }) => 'gen_ai.operation.name' in attributes);
    expect(named.flatMap(findFaults)).toEqual([]);
  });

  it('is told the same in a tracer provider of the application’s own', async () => {
    await stage.run({ flags: ['--require', REGISTER, '--import', fixture('provider.mjs')], app });
    expect(renderTree(stage.sink.spans)).toEqual(tree);
  });
});
