/**
 * The Claude Agent SDK: its calls leave in a process of its own, and are counted by what that tells. The executable is
 * a stand-in that asks the stand-in provider; `COSTSPAN_TEST_CLAUDE` names the real one, to be asked the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BilledReply, readNumber, type SinkSpan } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Stage } from '../preload/preload.ts';
import { loaderOf } from './sets.ts';
import { renderServed, renderTree } from './tree.ts';

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);
const real = process.env.COSTSPAN_TEST_CLAUDE;
let stage: Stage;
let home: string;
beforeAll(async () => {
  stage = await Stage.start();
  home = mkdtempSync(join(tmpdir(), 'costspan-claude-'));
});
beforeEach(() => stage.clear());
afterAll(async () => {
  await stage.close();
  rmSync(home, { recursive: true, force: true });
});

async function runApp(env: Record<string, string>): Promise<readonly BilledReply[]> {
  const launch = { app: [fixture('claude-agent.mjs')], env: { HOME: home, ...env } };
  const bare = await stage.run({ ...launch, flags: [] });
  const before = stage.provider.log.length;
  const watched = await stage.run(launch);
  expect([watched.stdout, watched.stderr, watched.exitCode]).toEqual([
    bare.stdout,
    bare.stderr,
    bare.exitCode,
  ]);
  return stage.provider.log.slice(before);
}

type Tokens = readonly [input: number, output: number];
const tokensOf = ({ usage = {} }: BilledReply): Tokens => [
  readNumber(usage.input_tokens) ?? 0,
  readNumber(usage.output_tokens) ?? 0,
];
const tokensOfSpan = ({ attributes }: SinkSpan): Tokens => [
  Number(attributes['gen_ai.usage.input_tokens']),
  Number(attributes['gen_ai.usage.output_tokens']),
];
const isPriced = ({ attributes }: SinkSpan): boolean => attributes['costspan.cost.status'] === 'priced';
const sum = (replies: readonly BilledReply[]): Tokens =>
  replies.map(tokensOf).reduce<Tokens>((all, own) => [all[0] + own[0], all[1] + own[1]], [0, 0]);

const call = (id: string, feature = 'helper'): string => `  chat claude-sonnet-4-5${id} for ${feature}`;
const [NEWEST, DATED] = ['', '-20250929'];

const VERSIONS = { oldest: { FRAMEWORKS: loaderOf('oldest') }, newest: {} } as const;
const results = 'each result is a call of each model that it tells of, once, with what the provider bills';
it.each(Object.entries(VERSIONS))(`%s: ${results}`, async (_version, env) => {
  const log = await runApp({ CLAUDE: fixture('claude.mjs'), AGENT: 'helper', ...env });
  const spans = [...stage.sink.spans].sort((a, b) => a.startMs - b.startMs);
  const tool = (error = ''): string => `  execute_tool look_up for helper${error}`;
  const isLine = (line: string): boolean => !line.startsWith('  execute_tool');
  const tree = renderTree(spans, (span) => `${renderServed(span)}${isEstimated(span) ? ' estimated' : ''}`);
  expect(tree.filter(isLine)).toEqual([
    'invoke_agent helper for helper',
    call(NEWEST),
    // Two turns of one session, whose totals run on.
    'invoke_agent helper for helper',
    call(NEWEST),
    call(NEWEST),
    'invoke_agent helper for helper failed: error_max_turns',
    call(NEWEST),
    // A version that tells totals only, and one that goes on with a session whose totals nobody knows.
    'invoke_agent helper for helper',
    call(NEWEST),
    'invoke_agent helper for helper',
    `${call(DATED)} estimated`,
    `${call(DATED)} estimated`,
    // What was written to the cache for an hour is told by the answers alone.
    'invoke_agent helper for helper',
    call(NEWEST),
    // Broken off after its first answer.
    'invoke_agent helper for helper failed: aborted',
    `${call(DATED)} estimated`,
  ]);
  expect(tree.filter((line) => !isLine(line)).sort()).toEqual(
    [
      ...Array.from({ length: 6 }, () => tool()),
      tool(' failed: aborted'),
      tool(' failed: tool_error'),
    ].sort(),
  );
  // A call goes by its session, of which the executable may tell as well, also where the run was broken off.
  const calls = spans.filter(({ name }) => name.startsWith('chat '));
  expect(calls.filter(({ attributes }) => attributes['gen_ai.response.id'] !== undefined)).toEqual([]);
  expect(calls.filter(({ attributes }) => attributes['gen_ai.conversation.id'] === undefined)).toEqual([]);
  const turns = [0, 2, 4, 6, 8].map((at) => sum(log.slice(at, at + 2)));
  const [input, output] = sum(log.slice(12, 14));
  // Twice 300 tokens written for 5 minutes, and 600 for an hour.
  expect(spans.filter(isPriced).map(tokensOfSpan)).toEqual([...turns, [input + 1_800, output]]);
  const usd = [
    ...turns.map(([input, output]) => (input * 3 + output * 15) / 1e6),
    (input * 3 + 600 * 3.75 + 1_200 * 6 + output * 15) / 1e6,
  ];
  expect(spans.filter(isPriced).map(({ attributes }) => attributes['gen_ai.usage.cost.amount'])).toEqual(
    usd.map((amount) => expect.closeTo(amount, 12)),
  );
});

const isEstimated = ({ attributes }: SinkSpan): boolean => attributes['costspan.cost.status'] === 'estimated';

const title = 'the real executable tells the same';
it.skipIf(real === undefined)(
  real === undefined ? `${title} (skipped: it is 400 MB; COSTSPAN_TEST_CLAUDE names one)` : title,
  async () => {
    const log = await runApp({ CLAUDE: real! });
    const spans = [...stage.sink.spans].sort((a, b) => a.startMs - b.startMs);
    expect(spans.filter(isPriced).map(tokensOfSpan)).toEqual(log.slice(0, 3).map(tokensOf));
    expect(renderTree(spans, () => '')).toEqual([
      'invoke_agent',
      '  chat claude-sonnet-4-5',
      'invoke_agent',
      '  chat claude-sonnet-4-5',
      '  chat claude-sonnet-4-5',
      'invoke_agent',
      '  chat claude-sonnet-4-5-20250929',
    ]);
  },
);
