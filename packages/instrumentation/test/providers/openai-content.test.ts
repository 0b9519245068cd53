import { describe, expect, it } from 'vitest';
import { type CallRequest, EMPTY_RESULT, type Endpoint, type EndpointCall } from '../../src/provider.ts';
import { messages } from '../../src/providers/anthropic/messages.ts';
import { chatCompletions } from '../../src/providers/openai/chat.ts';
import { responses } from '../../src/providers/openai/responses.ts';

const CLIENT = { baseUrl: 'https://api.openai.com/v1', classNames: ['OpenAI'] };
const call = (path: string, body: unknown, more: Partial<EndpointCall> = {}): EndpointCall => ({
  path,
  body,
  client: CLIENT,
  ...more,
});
const request = (endpoint: Endpoint, body: unknown = {}, more: Partial<EndpointCall> = {}): CallRequest =>
  endpoint.readRequest(call('', body, more));

describe('captured content', () => {
  const captured = { isContentCaptured: true };
  const parse = (json: unknown) => JSON.parse(json as string) as unknown;

  it('is not there unless it is switched on', () => {
    const read = request(chatCompletions, { messages: [{ role: 'user', content: 'hi' }] });
    expect(read.content).toBeUndefined();
    expect(chatCompletions.readResponse({ choices: [] }, read).content).toBeUndefined();
    const chunk = { id: 'c', model: 'm', choices: [{ index: 0, delta: { content: 'x' } }] };
    expect(chatCompletions.readChunk!(EMPTY_RESULT, chunk, read).content).toBeUndefined();
  });

  it('shows a chat in the schema of the conventions, images without their data', () => {
    const read = request(
      chatCompletions,
      {
        messages: [
          { role: 'system', content: 'be kind' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'look' },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,SECRET' } },
              { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
            ],
          },
          { role: 'tool', tool_call_id: 't1', content: '42' },
        ],
      },
      captured,
    );
    expect(parse(read.content!()['gen_ai.input.messages'])).toEqual([
      { role: 'system', parts: [{ type: 'text', content: 'be kind' }] },
      {
        role: 'user',
        parts: [
          { type: 'text', content: 'look' },
          { type: 'blob', modality: 'image', mime_type: 'image/png', content: '' },
          { type: 'uri', modality: 'image', uri: 'https://example.org/a.png' },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 't1', response: '42' }] },
    ]);
  });

  it('puts a chat stream together, as far as it came', () => {
    const read = request(chatCompletions, { stream: true }, captured);
    const deltas = [
      { content: 'Hel' },
      { content: 'lo' },
      { tool_calls: [{ index: 0, id: 't1', function: { name: 'f', arguments: '{"a"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
    ];
    let result = EMPTY_RESULT;
    for (const delta of deltas) {
      result = chatCompletions.readChunk!(
        result,
        { id: 'c', model: 'm', choices: [{ index: 0, delta }] },
        read,
      );
    }
    expect(parse(result.content!()['gen_ai.output.messages'])).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'Hello' },
          { type: 'tool_call', id: 't1', name: 'f', arguments: { a: 1 } },
        ],
        finish_reason: 'error',
      },
    ]);
  });

  it('tells tools that the provider hosts from functions of the application', () => {
    const tools = [
      { type: 'function', name: 'look_up', parameters: { type: 'object' } },
      { type: 'web_search' },
      { type: 'mcp', server_label: 'docs', server_url: 'https://example.org/mcp' },
      { type: 'custom', name: 'shell' },
    ];
    const read = request(responses, { input: 'hi', tools }, captured);
    expect(parse(read.content!()['gen_ai.tool.definitions'])).toEqual([
      { type: 'function', name: 'look_up', parameters: { type: 'object' } },
      { type: 'web_search', name: 'web_search' },
      { type: 'mcp', name: 'mcp' },
      { type: 'custom', name: 'shell' },
    ]);
    const asked = {
      messages: [{ role: 'user', content: 'hi' }],
      tools: [
        { name: 'look_up', input_schema: { type: 'object' } },
        { type: 'custom', name: 'count', input_schema: {} },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
    };
    expect(parse(request(messages, asked, captured).content!()['gen_ai.tool.definitions'])).toEqual([
      { type: 'function', name: 'look_up', parameters: { type: 'object' } },
      { type: 'function', name: 'count', parameters: {} },
      { type: 'web_search_20250305', name: 'web_search' },
    ]);
  });

  it('shows a response, instructions apart', () => {
    const read = request(responses, { instructions: 'short', input: 'hi' }, captured);
    expect(parse(read.content!()['gen_ai.system_instructions'])).toEqual([
      { type: 'text', content: 'short' },
    ]);
    const output = [
      { type: 'message', content: [{ type: 'output_text', text: 'yes' }] },
      { type: 'function_call', call_id: 'k', name: 'f', arguments: '{}' },
    ];
    const done = responses.readResponse({ status: 'completed', output }, read);
    const message = {
      role: 'assistant',
      parts: [
        { type: 'text', content: 'yes' },
        { type: 'tool_call', id: 'k', name: 'f', arguments: {} },
      ],
      finish_reason: 'stop',
    };
    expect(parse(done.content!()['gen_ai.output.messages'])).toEqual([message]);
    let cut = EMPTY_RESULT;
    for (const item of output)
      cut = responses.readChunk!(cut, { type: 'response.output_item.done', item }, read);
    expect(parse(cut.content!()['gen_ai.output.messages'])).toEqual([{ ...message, finish_reason: 'error' }]);
  });
});
