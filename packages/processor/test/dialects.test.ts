import { DEFAULT_CONFIG } from '@costspan/config';
import { describe, expect, it } from 'vitest';
import { Processor } from '../src/processor.ts';
import { decodeProtobuf } from '../src/receive/decode.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import { SpanCollector } from '../src/receive/spans.ts';
import { describeCall, describeTranslated, price } from './described-calls.ts';
import { encodeRequest } from './otlp-protobuf.ts';
import { recordings, requestOf, viewOf } from './recorded-emitters.ts';
import { NOW_MS } from './spans.ts';

const GPT = 'openai gpt-5-mini-2025-08-07 chat 600/400/0/150/50 $0.00056';
/** The emitter tells no reasoning, or neither that nor what was cached. */
const GPT_WITHOUT_REASONING = 'openai gpt-5-mini-2025-08-07 chat 600/400/0/200/0 $0.00056';
const GPT_WITHOUT_CACHE = 'openai gpt-5-mini-2025-08-07 chat 1000/0/0/200/0 $0.00065';
const GPT_WITHOUT_USAGE = 'openai gpt-5-mini chat no_usage';
const EMBEDDING = 'openai text-embedding-3-small embeddings 8/0/0/0/0 $1.6e-7';
const EMBEDDING_WITHOUT_USAGE = 'openai text-embedding-3-small embeddings no_usage';
const CLAUDE = 'anthropic claude-sonnet-4-5-20250929 chat 500/300/200/100/0 $0.00384';
/** The emitter adds the one token of a stream's first event to the hundred of its last. */
const CLAUDE_AND_ONE = 'anthropic claude-sonnet-4-5-20250929 chat 500/300/200/101/0 $0.003855';
const CLAUDE_WITHOUT_CACHE = 'anthropic claude-sonnet-4-5 chat 500/0/0/100/0 $0.003';
const LITELLM_GPT = 'openai gpt-5-mini-2025-08-07 chat 1000/0/0/200/0 $0.00056';
const LITELLM_CLAUDE = 'anthropic claude-sonnet-4-5-20250929 chat 1000/0/0/100/0 $0.00384';
const GEMINI = 'gcp.gemini gemini-2.5-flash generate_content 600/400/0/150/50 $0.000692';

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  ai5: [GPT_WITHOUT_CACHE, CLAUDE, EMBEDDING, GPT_WITHOUT_CACHE],
  'ai7-legacy': [GPT, CLAUDE, EMBEDDING, GPT],
  ai7: [GPT_WITHOUT_REASONING, CLAUDE, EMBEDDING, EMBEDDING_WITHOUT_USAGE, GPT_WITHOUT_REASONING],
  // Its calls are told by the SDK that starts it; its own names tell usage of them, and are none of the conventions'.
  'claude-code': [],
  // The stream was not asked for its usage, and of what Anthropic cached nothing is told.
  'go-genkit': [GPT, GPT, GPT_WITHOUT_USAGE, CLAUDE_WITHOUT_CACHE, CLAUDE_WITHOUT_CACHE],
  'java-adk': [GEMINI, GEMINI],
  // Its calls of Responses have no span.
  'java-agent': [GPT, GPT, EMBEDDING, GPT, 'openai fail chat no_usage'],
  // Streams tell nothing of what was cached.
  'java-spring': [
    GPT_WITHOUT_REASONING,
    GPT_WITHOUT_REASONING,
    GPT_WITHOUT_REASONING,
    GPT_WITHOUT_CACHE,
    CLAUDE,
    'anthropic claude-sonnet-4-5-20250929 chat 500/0/0/100/0 $0.003',
    EMBEDDING,
  ],
  'js-genkit': [GPT, GPT, GPT, CLAUDE, CLAUDE, EMBEDDING_WITHOUT_USAGE],
  'js-openinference': [GPT, GPT_WITHOUT_USAGE, GPT, EMBEDDING_WITHOUT_USAGE, CLAUDE, CLAUDE, CLAUDE, CLAUDE],
  'js-otel': [GPT_WITHOUT_CACHE, GPT_WITHOUT_CACHE, GPT_WITHOUT_CACHE, EMBEDDING, CLAUDE, CLAUDE],
  'py-google': [GEMINI],
  'py-langchain': [GPT, GPT],
  'py-langfuse': [GPT, GPT],
  'py-litellm': [LITELLM_GPT, LITELLM_CLAUDE],
  'py-logfire': [GPT_WITHOUT_REASONING, GPT_WITHOUT_REASONING, GPT_WITHOUT_REASONING, EMBEDDING, CLAUDE],
  'py-openinference': [GPT, GPT, GPT, EMBEDDING, CLAUDE, CLAUDE, CLAUDE, CLAUDE, CLAUDE, CLAUDE],
  'py-pydantic': [GPT, CLAUDE, CLAUDE],
  'py-traceloop': [
    GPT,
    GPT_WITHOUT_REASONING,
    GPT,
    EMBEDDING,
    CLAUDE,
    CLAUDE,
    CLAUDE,
    CLAUDE,
    CLAUDE_AND_ONE,
    CLAUDE_AND_ONE,
  ],
  'rust-rig': [GPT, 'openai fail chat no_usage', GPT, CLAUDE, CLAUDE],
};
/** What the provider was asked, in dollars: a call that two layers report is in it once. */
const BILL_USD: Readonly<Record<string, number>> = {
  'py-openinference': 3 * 0.00056 + 1.6e-7 + 3 * 0.00384,
  'py-traceloop': 3 * 0.00056 + 1.6e-7 + 3 * 0.00384,
  'py-pydantic': 0.00056 + 0.00384,
  'py-langchain': 0.00056,
  'py-logfire': 3 * 0.00056 + 1.6e-7 + 0.00384,
  'py-litellm': 0.00056 + 0.00384,
  'java-adk': 2 * 0.000692,
  'java-agent': 3 * 0.00056 + 1.6e-7,
  'js-genkit': 3 * 0.00056 + 2 * 0.00384,
  'rust-rig': 2 * 0.00056 + 2 * 0.00384,
  'ai7-legacy': 2 * 0.00056 + 1.6e-7 + 0.00384,
  ai7: 2 * 0.00056 + 1.6e-7 + 0.00384,
};

describe('spans of real emitters', () => {
  it('are all here', () => {
    expect(Object.keys(recordings).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(Object.entries(EXPECTED))('%s becomes the same calls', (name, expected) => {
    const calls = recordings[name]!.spans.map((span) => describeCall(viewOf(span)));
    expect(calls.filter((call) => call !== undefined)).toEqual(expected);
  });

  it.each(Object.entries(EXPECTED))('%s is decoded to the same calls', (name, expected) => {
    const request = requestOf(recordings[name]!.spans);
    const ofJson = decodeJson(Buffer.from(JSON.stringify(request)));
    for (const { spans } of [decodeProtobuf(encodeRequest(request)), ofJson]) {
      const calls = spans.map(describeTranslated);
      expect(calls.filter((call) => call !== undefined)).toEqual(expected);
    }
  });

  it.each(Object.entries(BILL_USD))('%s costs what was asked of the provider', async (name, billUsd) => {
    const views = recordings[name]!.spans.map(viewOf);
    for (const batches of [[views], views.map((view) => [view])]) {
      const processor = new Processor({ config: DEFAULT_CONFIG, price, now: () => NOW_MS });
      for (const batch of batches) {
        const collector = new SpanCollector({});
        for (const span of batch) collector.add(span);
        await processor.ingest(collector, 1);
      }
      expect(Number(processor.aggregate.totals().callsPicoUsd) / 1e12).toBeCloseTo(billUsd, 9);
    }
  });
});
