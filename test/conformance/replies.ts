/** What the stand-in answers to each scenario: made from its name alone, so that two runs get the same. */

import type { Answer, AnswerUsage, Delivery, Reply, Script } from '@costspan/testkit';
import { type Asked, replyToBatch, replyToComplete } from './other-replies.ts';

/** Header by which the application names its scenario. */
const SCENARIO_HEADER = 'x-scenario';

const OPENAI_USAGE: AnswerUsage = {
  inputTokens: 1_200,
  cacheReadTokens: 1_024,
  outputTokens: 40,
  reasoningTokens: 8,
};
const PLAIN_USAGE: AnswerUsage = { inputTokens: 1_200, outputTokens: 40 };
const ANTHROPIC_USAGE: AnswerUsage = {
  inputTokens: 3_000,
  cacheReadTokens: 1_000,
  cacheWriteTokens: 500,
  outputTokens: 40,
};
const CACHE_USAGE: AnswerUsage = {
  ...ANTHROPIC_USAGE,
  inputTokens: 7_000,
  cacheWriteTokens: 1_500,
  cacheWrite1hTokens: 2_500,
};

/** What a call of an endpoint uses, where it is not what a chat does. */
const USAGES: Readonly<Record<string, AnswerUsage>> = {
  completions: PLAIN_USAGE,
  embeddings: PLAIN_USAGE,
  'images.generate': { inputTokens: 50, outputTokens: 4_160 },
  'images.edit': { inputTokens: 220, imageInputTokens: 194, outputTokens: 272 },
  'audio.transcriptions': { inputTokens: 400, audioInputTokens: 380, outputTokens: 40 },
};

/** The models that answer: named here once, priced by hand in bill.ts. */
export const MODELS: Readonly<Record<string, string>> = {
  'chat.completions': 'gpt-4o-mini-2024-07-18',
  responses: 'gpt-4o-mini-2024-07-18',
  completions: 'gpt-3.5-turbo-instruct',
  embeddings: 'text-embedding-3-small',
  'images.generate': 'gpt-image-1.5',
  'images.edit': 'gpt-image-1.5',
  'images.createVariation': 'dall-e-2',
  'audio.transcriptions': 'gpt-4o-mini-transcribe',
  'audio.translations': 'whisper-1',
  'audio.speech': 'tts-1',
  moderations: 'omni-moderation-latest',
  'responses.input_tokens': 'gpt-4o-mini',
  batches: 'gpt-4o-mini-2024-07-18',
  'messages.batches': 'claude-haiku-4-5-20251001',
  messages: 'claude-haiku-4-5-20251001',
  'beta.messages': 'claude-haiku-4-5-20251001',
  'messages.count_tokens': 'claude-haiku-4-5-20251001',
};

/** The same of SDKs that speak OpenAI's API for another host. */
const COMPATIBLE_MODELS: Readonly<Record<string, string>> = {
  groq: 'openai/gpt-oss-20b',
  together: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
  cerebras: 'gpt-oss-120b',
  perplexity: 'sonar',
  sambanova: 'Meta-Llama-3.3-70B-Instruct',
  writer: 'palmyra-x5',
};
const COMPATIBLE_USAGE: Readonly<Record<string, AnswerUsage>> = {
  groq: OPENAI_USAGE,
  perplexity: { ...PLAIN_USAGE, extra: { cost: { input_tokens_cost: 0.0012, total_cost: 0.0072 } } },
};

const TEXT = 'Canary-completion: alpha beta gamma delta.';
const TOOL_CALLS = [{ id: 'call_weather', name: 'read_weather', arguments: { city: 'Bern' } }];
/** The application leaves within the first events: the others do not come before it has, on a busy machine either. */
const LEAVE_MS = 2_000;
const SLOW: Delivery = { chunkDelayMs: 12, pause: { after: 3, pauseMs: LEAVE_MS } };
/** The rest never comes: some SDKs read ahead of the application, or hand on what arrives after it has aborted. */
const endAfter = (after: number): Delivery => ({
  pause: { after, pauseMs: LEAVE_MS },
  interrupt: { after, by: 'end' },
});
/** What has come by the time the application leaves does not depend on how busy the machine is. */
const AT_ONCE: Delivery = { isAtOnce: true };

type Replier = (asked: Asked) => Reply;

const fail = (status: number, more: object = {}): Reply => ({ kind: 'error', status, ...more });
const json = (body: string, more: object = {}): Reply => ({ kind: 'bytes', chunks: [body], ...more });
const answer =
  (more: Partial<Answer> = {}, delivery?: Delivery): Replier =>
  (asked) => ({
    kind: 'answer',
    answer: { ...defaultAnswer(asked), ...more },
    ...(delivery === undefined ? {} : { delivery }),
  });

/** Tool first, answer then. */
const toolLoop: Replier = (asked) =>
  asked.number === 1 ? answer({ texts: [], toolCalls: TOOL_CALLS })(asked) : answer()(asked);
/** The SDKs wait half a second before a retry unless the provider names a time. */
const failOnce =
  (status: number): Replier =>
  (asked) =>
    asked.number === 1 ? fail(status, { retryAfterMs: 5 }) : answer()(asked);

const REPLIES: Readonly<Record<string, Replier>> = {
  parse: answer({ texts: ['{"km":384400}'] }),
  'parse-with-response': answer({ texts: ['{"km":384400}'] }),
  choices: answer({ texts: ['Alpha.', 'Beta.', 'Gamma.'] }),
  'stream-choices': answer({ texts: ['Alpha beta.', 'Gamma delta.'] }),
  settings: answer({ serviceTier: 'flex' }),
  'run-tools': toolLoop,
  'run-tools-stream': toolLoop,
  'tool-runner': toolLoop,
  'tool-runner-stream': toolLoop,
  cache: answer({ usage: CACHE_USAGE }),
  'stream-cache': answer({ usage: CACHE_USAGE }),
  failed: answer({ status: 'failed' }),
  incomplete: answer({ status: 'incomplete' }),
  openrouter: answer({ usage: { ...OPENAI_USAGE, extra: { cost: 0.00123, is_byok: false } } }),
  'openrouter-stream': answer({ usage: { ...OPENAI_USAGE, extra: { cost: 0.00123, is_byok: false } } }),
  'no-usage': (asked) => {
    const { usage: _usage, ...rest } = defaultAnswer(asked);
    return { kind: 'answer', answer: rest };
  },
  'malformed-json': () => ({ kind: 'malformed' }),
  'status-400': () => fail(400),
  'status-401': () => fail(401),
  'status-404': () => fail(404),
  'status-429-then-success': failOnce(429),
  'status-500-then-success': failOnce(500),
  'status-500-for-ever': () => fail(500, { retryAfterMs: 5 }),
  'status-529': () => fail(529),
  'status-500-with-response': () => fail(500),
  'status-500-as-response': () => fail(500),
  'status-500-unhandled': () => fail(500),
  'stream-status-429': () => fail(429),
  'stream-bad-request': () => fail(400, { message: 'The model is not known.' }),
  'helper-stream-failed': () => fail(401),
  'not-recorded': () => fail(404),
  'connection-reset': () => ({ kind: 'reset' }),
  timeout: () => ({ kind: 'hang' }),
  'abort-before': answer(),
  'abort-waiting': () => ({ kind: 'hang' }),
  'stream-abort-waiting': () => ({ kind: 'hang' }),
  'odd-empty-object': () => json('{}'),
  'odd-null': () => json('null'),
  'odd-array': () => json('[]'),
  'odd-text': () => json('a plain text', { headers: { 'content-type': 'text/plain' } }),
  'odd-no-content': () => ({ kind: 'bytes', status: 204, headers: {}, chunks: [] }),
  'odd-wrong-types': () => json('{"id":7,"model":{},"choices":{},"content":"x","output":3,"usage":"many"}'),
  'stream-abort-inside': answer({}, endAfter(2)),
  'stream-controller-abort': answer({}, endAfter(2)),
  'stream-aborted-left': answer({}, SLOW),
  'stream-break': answer({}, SLOW),
  'stream-left-at-end': answer({}, AT_ONCE),
  'stream-as-response-left-at-end': answer({}, AT_ONCE),
  'stream-abort-at-end': answer({}, AT_ONCE),
  // The role, two words and the reason; the usage never comes, so that who waited for it would not end.
  'stream-left-before-usage': answer({ texts: ['Alpha beta.'] }, { interrupt: { after: 4, by: 'hang' } }),
  'stream-return': answer({}, SLOW),
  'stream-throw-in-loop': answer({}, SLOW),
  'stream-throw-by-hand': answer({}, SLOW),
  'stream-readable-cancelled': answer({}, SLOW),
  'helper-stream-break': answer({}, endAfter(4)),
  'stream-error-event': answer({}, { interrupt: { after: 3, by: 'error' } }),
  'stream-ended-early': answer({}, { interrupt: { after: 3, by: 'end' } }),
  'as-response-cut': () => ({
    kind: 'bytes',
    chunks: ['{"id":"cut', 'never'],
    delivery: { interrupt: { after: 1, by: 'reset' } },
  }),
  'stream-as-response-cut': answer({}, { chunkDelayMs: 4, interrupt: { after: 3, by: 'reset' } }),
  'stream-as-response-left': answer({}, SLOW),
  'stream-usage-refused': (asked) =>
    'stream_options' in asked.request.body
      ? fail(400, { message: 'Unrecognized request argument supplied: stream_options' })
      : answer({ responseId: `id.${asked.endpoint}.${asked.scenario}` })(asked),
};

function reply(asked: Asked): Reply {
  if (asked.endpoint.endsWith('batches')) return replyToBatch(asked);
  if (asked.request.path === '/v1/complete') return replyToComplete(asked);
  const cut = /^stream-cut-(\d+)$/.exec(asked.scenario)?.[1];
  if (cut !== undefined) {
    const interrupt = { after: Number(cut), by: 'reset' } as const;
    return answer({ texts: ['Alpha beta.'] }, { chunkDelayMs: 4, interrupt })(asked);
  }
  return (REPLIES[asked.scenario] ?? answer())(asked);
}

function defaultAnswer({ endpoint, scenario, number, request }: Asked): Answer {
  const { provider } = request;
  if (provider in COMPATIBLE_MODELS) {
    return {
      texts: [TEXT],
      ...(endpoint.startsWith('audio.tran') ? { audioSeconds: 12.5 } : {}),
      // Together's embeddings state none.
      ...(`${provider} ${endpoint}` === 'together embeddings'
        ? {}
        : { usage: COMPATIBLE_USAGE[provider] ?? PLAIN_USAGE }),
      model: COMPATIBLE_MODELS[provider]!,
      responseId: `id.${endpoint}.${scenario}.${number}`,
    };
  }
  const isAnthropic = endpoint.includes('messages');
  return {
    texts: [TEXT],
    usage: USAGES[endpoint] ?? (isAnthropic ? ANTHROPIC_USAGE : OPENAI_USAGE),
    ...(endpoint === 'audio.translations' ? { audioSeconds: 12.5 } : {}),
    model: MODELS[endpoint] ?? 'unknown-model',
    responseId: `id.${endpoint}.${scenario}.${number}`,
  };
}

/** A script for one run of an application. */
export function createScript(): Script {
  const numbers = new Map<string, number>();
  return (request) => {
    const name = request.headers[SCENARIO_HEADER] ?? '';
    const number = (numbers.get(name) ?? 0) + 1;
    numbers.set(name, number);
    const [endpoint = '', scenario = ''] = name.split('/');
    return reply({ endpoint, scenario, number, request });
  };
}
