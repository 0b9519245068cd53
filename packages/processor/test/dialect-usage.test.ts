import { describe, expect, it } from 'vitest';
import { translateSpan } from '../src/receive/dialects.ts';
import { viewOf } from './recorded-emitters.ts';
import { CHAT, PARTS, translate } from './translated.ts';

describe('usage that emitters tell in parts or twice', () => {
  it('Langfuse’s parts beside each other are made whole, totals are left as they are', () => {
    const read = (usage: object) => {
      const attributes = translate({
        'langfuse.observation.type': 'generation',
        'langfuse.observation.usage_details': JSON.stringify(usage),
      });
      return [attributes['gen_ai.usage.input_tokens'], attributes['gen_ai.usage.output_tokens']];
    };
    const parts = { cache_read_input_tokens: 300, output_reasoning_tokens: 50 };
    expect(read({ input: 700, output: 150, ...parts, total: 1200 })).toEqual([1000, 200]);
    expect(read({ input: 1000, output: 200, ...parts, total: 1200 })).toEqual([1000, 200]);
  });

  const RESPONSES_USAGE = {
    input_tokens: 1000,
    input_tokens_details: { cached_tokens: 400 },
    output_tokens: 200,
    output_tokens_details: { reasoning_tokens: 50 },
    total_tokens: 1200,
  };

  it('Langfuse passes on what OpenAI’s Responses used in its own words', () => {
    const attributes = translate({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': JSON.stringify(RESPONSES_USAGE),
    });
    expect(attributes).toMatchObject(PARTS);
  });

  it('Logfire’s own counts have no parts, the provider’s usage beside them has', () => {
    const read = (usage: object) =>
      translate(
        {
          ...CHAT,
          'gen_ai.usage.input_tokens': 1000,
          'gen_ai.usage.output_tokens': 200,
          'gen_ai.usage.raw': JSON.stringify(usage),
        },
        { scopeName: 'logfire.openai' },
      );
    expect(read(RESPONSES_USAGE)).toMatchObject(PARTS);
    expect(
      read({
        input_tokens: 500,
        cache_read_input_tokens: 300,
        cache_creation_input_tokens: 200,
        cache_creation: { ephemeral_1h_input_tokens: 150 },
        output_tokens: 200,
      }),
    ).toMatchObject({
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.cache_read.input_tokens': 300,
      'gen_ai.usage.cache_write.input_tokens': 200,
      'costspan.usage.cache_write_1h.input_tokens': 150,
    });
  });

  it('Logfire’s second span of a stream, a moment at its end, lasts as long as it says', () => {
    const moment = viewOf({
      ...{ scope: 'logfire.openai', name: 'streaming response', kind: 1, trace: 1, id: 1, parent: 0 },
      ...{ startUs: 0, endUs: 0, attributes: { ...CHAT, 'gen_ai.usage.input_tokens': 1, duration: 0.25 } },
    });
    expect(translateSpan(moment).startMs).toBe(moment.endMs - 250);
    expect(translateSpan({ ...moment, startMs: moment.endMs - 7 }).startMs).toBe(moment.endMs - 7);
  });

  it('LiteLLM’s own counts have no parts, the Python dict beside them has', () => {
    const read = (usage: string) =>
      translate(
        {
          'llm.request.type': 'completion',
          'gen_ai.usage.input_tokens': 1000,
          'gen_ai.usage.output_tokens': 200,
          'metadata.usage_object': usage,
        },
        { scopeName: 'litellm' },
      );
    expect(
      read(
        "{'completion_tokens': 200, 'prompt_tokens': 1000, 'completion_tokens_details': {'audio_tokens': None, 'reasoning_tokens': 50}, 'prompt_tokens_details': {'cached_tokens': 400, 'text_tokens': None}}",
      ),
    ).toMatchObject(PARTS);
    expect(
      read(
        "{'completion_tokens': 200, 'prompt_tokens': 1000, 'prompt_tokens_details': {'cached_tokens': 300, 'cache_creation_token_details': {'ephemeral_1h_input_tokens': 150}}, 'cache_creation_input_tokens': 200, 'speed': None, 'service_tier': 'standard'}",
      ),
    ).toMatchObject({
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.cache_read.input_tokens': 300,
      'gen_ai.usage.cache_write.input_tokens': 200,
      'costspan.usage.cache_write_1h.input_tokens': 150,
    });
    expect(read("{'note': 'it's odd'}")).toMatchObject({ 'gen_ai.usage.input_tokens': 1000 });
  });

  it('what LiteLLM writes onto the span around it is read as on its own', () => {
    const attributes = {
      'http.route': '/answer',
      'litellm.call_id': '0f',
      'gen_ai.operation.name': 'responses',
      'gen_ai.cost.total_cost': 0.00056,
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 200,
      'metadata.usage_object':
        "{'prompt_tokens': 1000, 'prompt_tokens_details': {'cached_tokens': 400}, 'completion_tokens_details': {'reasoning_tokens': 50}}",
    };
    expect(translate(attributes, { scopeName: 'opentelemetry.instrumentation.fastapi' })).toMatchObject({
      ...PARTS,
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.cost.source': 'provider',
    });
  });

  it('what LlamaIndex does before it asks is no call, though OpenInference calls it one', () => {
    const attributes = {
      'openinference.span.kind': 'LLM',
      'llm.system': 'openai',
      'llm.model_name': 'gpt-5-mini',
    };
    const operationOf = (name: string) => translate(attributes, { name })['gen_ai.operation.name'];
    expect(operationOf('OpenAI.achat')).toBe('chat');
    expect(operationOf('OpenAI._prepare_chat_with_tools')).toBeUndefined();
  });
});
