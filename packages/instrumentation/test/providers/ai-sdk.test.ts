import { expect, it } from 'vitest';
import { type CallResult, EMPTY_RESULT } from '../../src/provider.ts';
import { readPart } from '../../src/providers/ai-sdk/answer.ts';
import { messages } from '../../src/providers/anthropic/messages.ts';
import { responses } from '../../src/providers/openai/responses.ts';

const client = { baseUrl: 'https://api.anthropic.com', classNames: ['Anthropic'] };
const request = messages.readRequest({ path: '/v1/messages', body: { model: 'claude-opus-5' }, client });

it.each([
  ['cyber', { inputTokens: 0, outputTokens: 0 }],
  ['bio', undefined],
])("knows from the metadata of Anthropic's stream what a refusal for %s costs", (category, billed) => {
  const part = {
    type: 'finish',
    finishReason: { unified: 'content-filter', raw: 'refusal' },
    usage: { raw: { input_tokens: 400, output_tokens: 0 } },
    providerMetadata: { anthropic: { stopDetails: { type: 'refusal', category } } },
  };
  const { usage, billedUsage } = readPart('messages', EMPTY_RESULT, part, request);
  expect({ usage, billedUsage }).toEqual({
    usage: { inputTokens: 400, outputTokens: 0 },
    billedUsage: billed,
  });
});

const NAMED = { type: 'response-metadata', id: 'resp_1', modelId: 'gpt-4o-2024-08-06' };
const FINISH = {
  type: 'finish',
  finishReason: { unified: 'stop' },
  usage: { raw: { input_tokens: 10, output_tokens: 5 } },
};
const openai = { baseUrl: 'https://api.openai.com/v1', classNames: ['OpenAI'] };
const asked = responses.readRequest({ path: '', body: { model: 'gpt-4o' }, client: openai });
const ran = (result: object, toolName = 'mine') => ({ type: 'tool-result', toolName, result });
const runs = (containerId: string) => ({
  type: 'tool-call',
  toolName: 'mine',
  providerExecuted: true,
  input: JSON.stringify({ code: 'canary-code', containerId }),
});

it.each([
  [
    'searches, not pages',
    [ran({ action: { type: 'search' } }), ran({ action: { type: 'openPage' } })],
    { web_search: 1 },
  ],
  ['searches that say nothing', [ran({}, 'web_search')], { web_search: 1 }],
  ['former searches', [ran({ action: { type: 'search' } }, 'web_search_preview')], { web_search_preview: 1 }],
  ['files that were searched', [ran({ queries: ['canary-query'], results: [] })], { file_search: 1 }],
  ['containers that ran code', [runs('c1'), runs('c1'), runs('c2')], { code_interpreter: 2 }],
  ['pictures', [ran({ result: 'AA==' })], { image_generation: 1 }],
  [
    'nothing of tools of its own',
    [ran({ temperature: 7 }), { ...runs('c1'), providerExecuted: false }],
    undefined,
  ],
])("counts of a stream of OpenAI's responses %s", (_name, parts, toolRequests) => {
  const result = [NAMED, ...parts, FINISH].reduce(
    (soFar: CallResult, part) => readPart('responses', soFar, part, asked),
    EMPTY_RESULT,
  );
  expect(result.usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
  expect(result.usage?.toolRequests).toEqual(toolRequests);
});

it('counts what a stream of Gemini was grounded on', () => {
  const finish = {
    type: 'finish',
    finishReason: { unified: 'stop', raw: 'STOP' },
    usage: { raw: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 } },
    providerMetadata: { google: { groundingMetadata: { webSearchQueries: ['canary-query'] } } },
  };
  expect(readPart('gemini', EMPTY_RESULT, finish, request).usage?.toolRequests).toEqual({ web_search: 1 });
});

it('counts the code that a stream of Anthropic has run, and none of an MCP server', () => {
  const called = { type: 'tool-call', providerExecuted: true, toolName: 'code_execution' };
  const mcp = { providerMetadata: { anthropic: { type: 'mcp-tool-use' } } };
  const parts = [
    { ...called, input: '{"code":"canary-code"}' },
    { ...called, toolName: 'mine', input: '{"type":"bash_code_execution","command":"canary-code"}' },
    { ...called, ...mcp, input: '{}' },
    { ...called, toolName: 'web_search', input: '{"query":"canary-query"}' },
    FINISH,
  ];
  const result = parts.reduce(
    (soFar: CallResult, part) => readPart('messages', soFar, part, request),
    EMPTY_RESULT,
  );
  expect(result.usage?.toolRequests).toEqual({ code_execution: 2 });
});
