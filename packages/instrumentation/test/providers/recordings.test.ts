import { describe, expect, it } from 'vitest';
import type { CallResult } from '../../src/provider.ts';
import { anthropic } from '../../src/providers/anthropic.ts';
import { openai } from '../../src/providers/openai.ts';
import {
  type Expected,
  foldEveryCut,
  HAS_RECORDINGS,
  locateCall,
  parseSse,
  type Recording,
  readRecordings,
} from './recordings.ts';

const OPENAI_NAMES =
  /^(?:(?:openai|azure|openrouter|deepseek|xai|groq|perplexity|together|alibaba|cerebras|huggingface|zai|google|ollama|bedrock-mantle|mistral|voyage)-(?:chat-completions|completions|responses|embeddings|images|rerank)-|openai-audio-)/;
const ANTHROPIC_NAMES = /^anthropic-(?:beta-)?messages-(?!batches)/;

const CASES = [
  ...readRecordings(OPENAI_NAMES).map((recording) => ({ provider: openai, recording })),
  ...readRecordings(ANTHROPIC_NAMES).map((recording) => ({ provider: anthropic, recording })),
];

if (!HAS_RECORDINGS) console.log('skipped: no recordings beside the checkout (../shared/recordings)');

/** What the recording notes as output that the provider does not itemise: its total is 100, of which 66 are input. */
const THOUGHTS: Readonly<Record<string, Expected>> = {
  'google-chat-completions-gemini-2-5-pro-preview-05-06-07c4fda80d': { outputTotal: 34, reasoning: 28 },
};

/** The figures of a result, in the words of the recordings: `null` is what the provider does not report. */
function readFigures({ usage }: CallResult, expected: Expected | null) {
  const figures: Record<string, unknown> = {
    inputTotal: usage?.inputTokens ?? null,
    outputTotal: usage?.outputTokens ?? null,
    cacheRead: usage?.cacheReadInputTokens ?? null,
    cacheWrite: usage?.cacheWriteInputTokens ?? null,
    reasoning: usage?.reasoningOutputTokens ?? null,
    cacheWrite5m: usage?.cacheWriteByTtl?.['5m'] ?? null,
    cacheWrite1h: usage?.cacheWriteByTtl?.['1h'] ?? null,
    webSearches: usage?.toolRequests?.web_search ?? null,
    webFetches: usage?.toolRequests?.web_fetch ?? null,
    seconds: usage?.units?.input_audio_ms === undefined ? null : usage.units.input_audio_ms / 1_000,
    // Beside the prompt, by the second: Mistral's tokens of it are no part of anything.
    audioInput:
      usage?.units?.input_audio_ms === undefined ? (usage?.input?.audio ?? null) : expected?.audioInput,
    audioOutput: usage?.output?.audio ?? null,
    imageInput: usage?.input?.image ?? null,
    imageOutput: usage?.output?.image ?? null,
  };
  return Object.fromEntries(Object.keys(expected ?? {}).map((name) => [name, figures[name]]));
}

function readResult(recording: Recording, provider: (typeof CASES)[number]['provider']) {
  const { endpoint, call } = locateCall(provider, recording);
  const request = endpoint.readRequest(call);
  if (!recording.stream)
    return { results: [endpoint.readResponse(JSON.parse(recording.response.body), request)] };
  return { results: foldEveryCut(endpoint, parseSse(recording.response.body), request) };
}

describe.skipIf(!HAS_RECORDINGS)('recorded exchanges', () => {
  it('are found', () => {
    expect(CASES.length).toBeGreaterThan(80);
  });

  it.each(CASES.map((entry) => [entry.recording.id, entry] as const))(
    '%s',
    (_id, { recording, provider }) => {
      const { results } = readResult(recording, provider);
      const result = results.at(-1)!;
      const { iterations, ...stated } = recording.expected ?? {};
      const expected = recording.expected === null ? {} : { ...stated, ...THOUGHTS[recording.id] };
      expect(readFigures(result, expected)).toEqual(expected);
      expect(result.usage?.providerCostUsd).toEqual(recording.providerCost?.amount);
      expect(result.usageStatus).toBe(recording.expected === null ? 'missing' : 'complete');
      expect(sumNested(result)).toEqual(sumIterations(iterations));
      expect(result.responseModel).toBe(recording.model ?? undefined);
    },
  );
});

function sumNested({ usage }: CallResult) {
  const nested = usage?.nested ?? [];
  return {
    input: nested.reduce((sum, one) => sum + (one.usage.inputTokens ?? 0), 0),
    output: nested.reduce((sum, one) => sum + (one.usage.outputTokens ?? 0), 0),
  };
}

function sumIterations(iterations: Expected['iterations']) {
  const extra = Object.entries(iterations ?? {}).filter(([type]) => type !== 'message');
  return {
    input: extra.reduce((sum, [, one]) => sum + one.input + one.cacheRead + one.cacheWrite, 0),
    output: extra.reduce((sum, [, one]) => sum + one.output, 0),
  };
}

describe.skipIf(!HAS_RECORDINGS)('recorded results of batches', () => {
  it.each([
    ['openai', openai, /^openai-files-content-/],
    ['anthropic', anthropic, /^anthropic-messages-batches-results-/],
  ] as const)('%s', (_name, provider, files) => {
    const recordings = readRecordings(files);
    expect(recordings.length).toBeGreaterThan(0);
    for (const recording of recordings) {
      const { endpoint, call } = locateCall(provider, recording);
      const request = endpoint.readRequest(call);
      const lines = recording.response.body.trim().split('\n');
      const read = lines.map((line) => endpoint.readResult!(JSON.parse(line), request)!);
      const { each } = recording.expected as unknown as { each: Expected[] };
      expect(read.map(({ result }, index) => readFigures(result, each[index]!))).toEqual(each);
      for (const { request: asked, result } of read)
        expect([asked.model, result.mode, result.usageStatus]).toEqual([
          recording.model,
          'batch',
          'complete',
        ]);
    }
  });
});

const STREAMS = CASES.filter(({ recording }) => recording.stream);

describe.skipIf(!HAS_RECORDINGS)('a recorded stream cut after every chunk', () => {
  it.each(STREAMS.map((entry) => [entry.recording.id, entry] as const))(
    '%s',
    (_id, { recording, provider }) => {
      const { results } = readResult(recording, provider);
      const whole = results.at(-1)!;
      const total = sumTokens(whole);
      for (const cut of results) {
        const sum = sumTokens(cut);
        expect(sum.input).toBeLessThanOrEqual(total.input);
        expect(sum.output).toBeLessThanOrEqual(total.output);
        if (cut.usageStatus === 'complete') expect(cut.usage).toEqual(whole.usage);
      }
      expect(results[0]!.usageStatus).toBe('missing');
    },
  );
});

function sumTokens(result: CallResult) {
  const nested = sumNested(result);
  return {
    input: (result.usage?.inputTokens ?? 0) + nested.input,
    output: (result.usage?.outputTokens ?? 0) + nested.output,
  };
}
