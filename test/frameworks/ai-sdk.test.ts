/** The AI SDK, majors 4 to 7, real packages against the stand-in: what the application sees, and what is counted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BilledReply,
  type JsonObject,
  type RunResult,
  readNumber,
  type SinkSpan,
} from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSum, startProcessor } from '../pipeline/stack.ts';
import { Stage } from '../preload/preload.ts';

const MAJORS = ['4', '5', '6', '7'] as const;
const app = join(import.meta.dirname, 'fixtures', 'ai-sdk.mjs');
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

const sawOf = ({ stdout, stderr, exitCode }: RunResult) => ({
  seen: JSON.parse(stdout) as unknown,
  stderr,
  exitCode,
});
const count = (usage: JsonObject, ...names: string[]): number =>
  names.reduce((sum, name) => sum + (readNumber(usage[name]) ?? 0), 0);

/** All input and output that a reply was billed for, whoever's field names it has. */
function tokensOf({ usage = {} }: BilledReply): [number, number] {
  return [
    count(usage, 'prompt_tokens', 'input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'),
    count(usage, 'completion_tokens', 'output_tokens'),
  ];
}
const tokensOfSpan = ({ attributes }: SinkSpan): [number, number] => [
  Number(attributes['gen_ai.usage.input_tokens']),
  Number(attributes['gen_ai.usage.output_tokens'] ?? 0),
];

describe.each(MAJORS)('AI SDK %s', (major) => {
  it('sees what it would have seen, and each call is recorded once with what the provider bills', async () => {
    const bare = await stage.run({ flags: [], app: [app, major] });
    const before = stage.provider.log.length;
    const watched = await stage.run({ app: [app, major] });
    expect(sawOf(watched)).toEqual(sawOf(bare));
    const spans = stage.callSpans();
    const brokenOff = spans.find(({ attributes }) => attributes['error.type'] === 'aborted');
    const read = stage.provider.log.slice(before).filter(({ usage, responseId }) => {
      return usage !== undefined && responseId !== brokenOff?.attributes['gen_ai.response.id'];
    });
    const finished = spans.filter(({ attributes }) => attributes['error.type'] === undefined);
    const sort = (list: [number, number][]) => list.map(String).sort();
    expect(sort(finished.map(tokensOfSpan))).toEqual(sort(read.map(tokensOf)));
    expect(finished.every(({ attributes }) => attributes['costspan.cost.status'] === 'priced')).toBe(true);
    const errors = spans.flatMap(({ attributes }) => attributes['error.type'] ?? []);
    expect(errors.sort()).toEqual(['APICallError', 'aborted']);
    expect(spans).toHaveLength(9);
  });
});

it.each(MAJORS)('AI SDK %s has the function as its feature, where no scope names one', async (major) => {
  await stage.run({ app: [app, major] });
  const features = stage.callSpans().map(({ attributes }) => attributes['costspan.feature']);
  expect(features.filter((feature) => feature !== 'unattributed').sort()).toEqual(['greet', 'stream']);
});

describe.each(MAJORS)('AI SDK %s with telemetry of its own', (major) => {
  it('is counted once, in the processor, though both report each call', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-frameworks-'));
    const processor = await startProcessor(folder);
    try {
      const traced = join(import.meta.dirname, 'fixtures', 'ai-sdk-traced.mjs');
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: processor.otlp };
      const bare = await stage.run({ flags: [], app: [traced, major], env });
      expect({ stdout: bare.stdout, stderr: bare.stderr }).toEqual({ stdout: 'done\n', stderr: '' });
      const alone = await readSum(processor.metrics, 'llm_calls_total');
      const costAlone = await readSum(processor.metrics, 'llm_cost_usd_total');
      const both = await stage.run({ app: [traced, major], env });
      expect({ stdout: both.stdout, stderr: both.stderr }).toEqual({ stdout: 'done\n', stderr: '' });
      expect(alone).toBe(3);
      expect(await readSum(processor.metrics, 'llm_calls_total')).toBe(2 * alone);
      expect(await readSum(processor.metrics, 'llm_cost_usd_total')).toBeCloseTo(2 * costAlone, 12);
    } finally {
      await processor.process.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
