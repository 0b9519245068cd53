import { describe, expect, it } from 'vitest';
import { type CallRequest, EMPTY_RESULT, type Endpoint, type EndpointCall } from '../../src/provider.ts';
import { chatCompletions } from '../../src/providers/openai/chat.ts';
import { embeddings } from '../../src/providers/openai/embeddings.ts';
import { legacyCompletions } from '../../src/providers/openai/legacy-completions.ts';
import { responses, responsesRetrieve } from '../../src/providers/openai/responses.ts';

const CLIENT = { baseUrl: 'https://api.openai.com/v1', classNames: ['OpenAI'] };
const call = (path: string, body: unknown, more: Partial<EndpointCall> = {}): EndpointCall => ({
  path,
  body,
  client: CLIENT,
  ...more,
});
const request = (endpoint: Endpoint, body: unknown = {}, more: Partial<EndpointCall> = {}): CallRequest =>
  endpoint.readRequest(call('', body, more));
/** Without the attributes that are left out. */
const attributesOf = ({ attributes }: CallRequest) =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

describe('requests', () => {
  it('reads every setting of a chat completion', () => {
    const read = request(chatCompletions, {
      model: 'gpt-5.6',
      messages: [],
      stream: true,
      max_completion_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      seed: 7,
      stop: 'END',
      n: 3,
      reasoning_effort: 'high',
      response_format: { type: 'json_schema' },
      service_tier: 'flex',
      top_logprobs: 5,
    });
    expect({ ...read, attributes: attributesOf(read) }).toEqual({
      operation: 'chat',
      provider: 'openai',
      model: 'gpt-5.6',
      isStream: true,
      serverAddress: 'api.openai.com',
      serverPort: 443,
      attributes: {
        'gen_ai.request.max_tokens': 50,
        'gen_ai.request.temperature': 0.5,
        'gen_ai.request.top_p': 0.9,
        'gen_ai.request.frequency_penalty': 0.1,
        'gen_ai.request.presence_penalty': 0.2,
        'gen_ai.request.seed': 7,
        'gen_ai.request.stop_sequences': ['END'],
        'gen_ai.request.choice.count': 3,
        'gen_ai.request.reasoning.level': 'high',
        'gen_ai.request.stream': true,
        'gen_ai.output.type': 'json',
        'openai.api.type': 'chat_completions',
        'openai.request.service_tier': 'flex',
      },
    });
  });

  it('leaves out what the conventions leave out', () => {
    const read = request(chatCompletions, { model: 'm', n: 1, stream: false, service_tier: 'auto' });
    expect(attributesOf(read)).toEqual({ 'openai.api.type': 'chat_completions' });
    const elsewhere = request(
      chatCompletions,
      { model: 'm', service_tier: 'flex' },
      { client: { baseUrl: 'https://api.groq.com/openai/v1', classNames: ['OpenAI'] } },
    );
    expect(elsewhere.provider).toBe('groq');
    expect(attributesOf(elsewhere)).toEqual({});
  });

  it('reads a response request, conversation and previous response included', () => {
    const read = request(responses, {
      model: 'gpt-5.6',
      max_output_tokens: 10,
      reasoning: { effort: 'low' },
      text: { format: { type: 'text' } },
      previous_response_id: 'resp_0',
      conversation: { id: 'conv_1' },
    });
    expect(attributesOf(read)).toEqual({
      'gen_ai.request.max_tokens': 10,
      'gen_ai.request.reasoning.level': 'low',
      'gen_ai.output.type': 'text',
      'gen_ai.request.previous_response.id': 'resp_0',
      'gen_ai.conversation.id': 'conv_1',
      'openai.api.type': 'responses',
    });
  });

  const floats = Buffer.from(new Float32Array([0.5, 0.25, 1]).buffer).toString('base64');
  it.each([
    ['an array', {}, [0.1, 0.2, 0.3, 0.4], 4],
    ['floats as base64, as the SDK asks for them', { encoding_format: 'base64' }, floats, 3],
    ['bytes as an array', { output_dtype: 'int8' }, [1, 2], 2],
    ['bytes as base64', { encoding_format: 'base64', output_dtype: 'int8' }, 'AQIDBA==', undefined],
    ['bits', { output_dtype: 'ubinary' }, [255, 0], undefined],
    ['another text', { encoding_format: 'base64_int8' }, 'AQIDBA==', undefined],
    ['what are no whole floats', { encoding_format: 'base64' }, 'AQID', undefined],
    ['nothing', {}, undefined, undefined],
  ])('counts the dimensions of an embedding that comes as %s', (_form, asked, embedding, dimensions) => {
    const body = { data: [{ object: 'embedding', index: 0, embedding }] };
    const read = embeddings.readResponse(body, request(embeddings, { model: 'e', ...asked }));
    expect(read.attributes?.['gen_ai.embeddings.dimension.count']).toBe(dimensions);
  });

  it('reads embeddings and legacy completions', () => {
    const embedding = request(embeddings, { model: 'e', dimensions: 256, encoding_format: 'base64' });
    expect(embedding.operation).toBe('embeddings');
    expect(attributesOf(embedding)).toEqual({
      'gen_ai.embeddings.dimension.count': 256,
      'gen_ai.request.encoding_formats': ['base64'],
    });
    const legacy = request(legacyCompletions, { model: 'c', prompt: 'p', max_tokens: 5, stop: ['a', 'b'] });
    expect(legacy.operation).toBe('text_completion');
    expect(attributesOf(legacy)).toEqual({
      'gen_ai.request.max_tokens': 5,
      'gen_ai.request.stop_sequences': ['a', 'b'],
    });
  });

  it('knows what a retrieval retrieves', () => {
    const read = responsesRetrieve.readRequest(call('/responses/resp_1?stream=true', undefined));
    expect(read).toMatchObject({ operation: 'fetch_response', retrieves: 'resp_1', isBilled: false });
    expect(attributesOf(read)).toEqual({ 'gen_ai.response.id': 'resp_1', 'openai.api.type': 'responses' });
  });
});

describe('rates and tools of a response', () => {
  const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const chat = (fields: object) =>
    chatCompletions.readResponse({ usage: USAGE, ...fields }, request(chatCompletions));

  it.each([
    ['default', { mode: 'standard' }],
    ['auto', { mode: 'standard' }],
    ['flex', { mode: 'flex' }],
    ['priority', { mode: 'priority' }],
    ['fast', { mode: 'priority' }],
    ['scale', { mode: 'provisioned' }],
    ['ultrafast', { estimatedReason: 'unknown_tier' }],
    ['toString', { estimatedReason: 'unknown_tier' }],
  ])('service tier %s', (service_tier, rate) => {
    expect(chat({ service_tier, system_fingerprint: 'fp_1' })).toEqual({
      usageStatus: 'complete',
      usage: { inputTokens: 10, outputTokens: 5 },
      attributes: {
        'openai.response.service_tier': service_tier,
        'openai.response.system_fingerprint': 'fp_1',
      },
      ...rate,
    });
  });

  it('takes the rate from the response, not from the request', () => {
    const asked = request(chatCompletions, { service_tier: 'priority' });
    const read = chatCompletions.readResponse({ usage: USAGE, service_tier: 'default' }, asked);
    expect(read.mode).toBe('standard');
  });

  it('adds the router fee and the upstream cost of a customer’s own key', () => {
    const cost = { cost: 0.01, is_byok: true, cost_details: { upstream_inference_cost: 0.5 } };
    expect(chat({ usage: { ...USAGE, ...cost } }).usage?.providerCostUsd).toBeCloseTo(0.51, 12);
    const unknown = { ...cost, cost_details: { upstream_inference_cost: null } };
    expect(chat({ usage: { ...USAGE, ...unknown } }).usage?.providerCostUsd).toBeUndefined();
    // No currency, no cost.
    expect(chat({ usage: { ...USAGE, cost: 3 } }).usage?.providerCostUsd).toBeUndefined();
  });

  it('marks a total that exceeds its parts', () => {
    expect(chat({ usage: { ...USAGE, total_tokens: 40 } }).estimatedReason).toBe('usage_total_exceeds_parts');
  });

  it('knows a Gemini model’s thoughts by the total, which alone holds them', () => {
    const client = {
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai/',
      classNames: ['OpenAI'],
    };
    const asked = request(chatCompletions, { model: 'gemini-2.5-flash', stream: true }, { client });
    const read = (usage: object) => chatCompletions.readResponse({ usage, choices: [] }, asked);
    const thoughtful = {
      usageStatus: 'complete',
      usage: { inputTokens: 66, outputTokens: 34, reasoningOutputTokens: 28 },
    };
    const counted = { prompt_tokens: 66, completion_tokens: 6, total_tokens: 100 };
    expect(read(counted)).toEqual(thoughtful);
    expect(chatCompletions.readChunk!(EMPTY_RESULT, { usage: counted, choices: [] }, asked)).toMatchObject(
      thoughtful,
    );
    // All of it thought: what is 0 is left out.
    expect(read({ prompt_tokens: 66, total_tokens: 100 })).toMatchObject({
      usageStatus: 'complete',
      usage: { inputTokens: 66, outputTokens: 34, reasoningOutputTokens: 34 },
    });
    // Told by Vertex AI, beside the output.
    const told = { ...counted, completion_tokens_details: { reasoning_tokens: 28 } };
    expect(read(told)).toEqual(thoughtful);
    expect(read({ prompt_tokens: 66, completion_tokens: 6, total_tokens: 72 }).usage).toEqual({
      inputTokens: 66,
      outputTokens: 6,
    });
  });

  it.each([
    ['ON_DEMAND', { mode: 'standard' }],
    ['ON_DEMAND_FLEX', { mode: 'flex' }],
    ['PROVISIONED_THROUGHPUT', { mode: 'provisioned' }],
    ['ANOTHER', { estimatedReason: 'unknown_tier' }],
  ])('Vertex AI’s traffic %s', (traffic_type, rate) => {
    const usage = { ...USAGE, extra_properties: { google: { traffic_type } } };
    expect(chat({ usage })).toMatchObject(rate);
    expect(
      responses.readResponse({ usage: { input_tokens: 1, output_tokens: 1, ...usage } }, request(responses)),
    ).toMatchObject(rate);
  });

  it('splits cache writes by their time to live', () => {
    const usage = {
      input_tokens: 100,
      input_tokens_details: {
        cached_tokens: 10,
        cache_write_tokens: 60,
        cache_write_tokens_details: { ttl_30m_tokens: 40, ttl_12h_tokens: 20 },
      },
      output_tokens: 1,
    };
    expect(responses.readResponse({ usage, status: 'completed' }, request(responses)).usage).toEqual({
      inputTokens: 100,
      cacheReadInputTokens: 10,
      cacheWriteInputTokens: 60,
      cacheWriteByTtl: { '30m': 40, '12h': 20 },
      outputTokens: 1,
    });
  });

  const RESPONSE = {
    id: 'resp_1',
    model: 'gpt-5.6',
    status: 'completed',
    usage: { input_tokens: 1, output_tokens: 2 },
    output: [
      { type: 'web_search_call', action: { type: 'search' } },
      { type: 'web_search_call', action: { type: 'search' } },
      { type: 'web_search_call', action: { type: 'open_page' } },
      { type: 'web_search_call' },
      { type: 'file_search_call' },
      { type: 'code_interpreter_call', container_id: 'c1' },
      { type: 'code_interpreter_call', container_id: 'c1' },
      { type: 'code_interpreter_call', container_id: 'c2' },
    ],
  };

  it('counts hosted tools where the response does not report them', () => {
    expect(responses.readResponse(RESPONSE, request(responses)).usage?.toolRequests).toEqual({
      web_search: 3,
      file_search: 1,
      code_interpreter: 2,
    });
  });

  it('counts a shell by its container, and images that no usage tells of', () => {
    const output = [
      { type: 'shell_call', environment: { type: 'container_reference', container_id: 'c1' } },
      { type: 'shell_call', environment: { type: 'container_reference', container_id: 'c1' } },
      { type: 'shell_call', environment: { type: 'local' } },
      { type: 'image_generation_call', result: '' },
    ];
    expect(responses.readResponse({ ...RESPONSE, output }, request(responses)).usage?.toolRequests).toEqual({
      code_interpreter: 1,
      image_generation: 1,
    });
  });

  it.each([
    ['gpt-4.1', 'web_search_preview_2025_03_11', 'web_search_preview'],
    ['gpt-4.1', 'web_search', 'web_search'],
    ['gpt-5.6', 'web_search_preview', 'web_search'],
  ])('%s with %s searches at the price of %s', (model, type, tool) => {
    const read = responses.readResponse({ ...RESPONSE, model, tools: [{ type }] }, request(responses));
    expect(read.usage?.toolRequests).toMatchObject({ [tool]: 3 });
  });

  it.each([
    ['gpt-4o-search-preview-2025-03-11', { web_search_preview: 1 }],
    ['gpt-4o-mini-search-preview', { web_search_preview: 1 }],
    ['gpt-5-search-api', { web_search: 1 }],
    ['gpt-5.6', undefined],
  ])('%s searches before each answer', (model, toolRequests) => {
    const whole = { id: 'c1', model, choices: [{ index: 0, finish_reason: 'stop' }], usage: USAGE };
    const asked = request(chatCompletions, { model });
    expect(chatCompletions.readResponse(whole, asked).usage?.toolRequests).toEqual(toolRequests);
    const last = { ...whole, choices: [] };
    expect(chatCompletions.readChunk!(EMPTY_RESULT, last, asked).usage?.toolRequests).toEqual(toolRequests);
  });

  it('believes reported searches, and prices the image tool by its own model', () => {
    const tool_usage = {
      web_search: { num_requests: 1 },
      image_gen: {
        input_tokens: 20,
        input_tokens_details: { text_tokens: 20, image_tokens: 0 },
        output_tokens: 300,
        output_tokens_details: { image_tokens: 300, text_tokens: 0 },
      },
    };
    const tools = [{ type: 'image_generation', model: 'gpt-image-1.5' }];
    const read = responses.readResponse({ ...RESPONSE, tool_usage, tools }, request(responses));
    expect(read.usage?.toolRequests?.web_search).toBe(1);
    expect(read.usage?.nested).toEqual([
      {
        model: 'gpt-image-1.5',
        usage: {
          inputTokens: 20,
          outputTokens: 300,
          input: { text: 20, image: 0 },
          output: { text: 0, image: 300 },
        },
      },
    ]);
    const unnamed = responses.readResponse({ ...RESPONSE, tool_usage }, request(responses));
    expect(unnamed).toMatchObject({ estimatedReason: 'image_model_unknown' });
  });
});

describe('responses that are not finished', () => {
  const open = { id: 'resp_1', model: 'm', status: 'queued', background: true, usage: null };

  it('are pending until a retrieval has the end', () => {
    const queued = responses.readResponse(open, request(responses));
    expect(responses.isPending!(queued)).toBe(true);
    const done = { ...open, status: 'completed', usage: { input_tokens: 3, output_tokens: 4 } };
    const retrieved = responsesRetrieve.readResponse(done, request(responsesRetrieve));
    expect(responsesRetrieve.isPending!(retrieved)).toBe(false);
    expect(retrieved).toMatchObject({
      usageStatus: 'complete',
      finishReasons: ['stop'],
      status: 'completed',
    });
  });

  it('are cut, not pending, when a foreground stream breaks off', () => {
    const foreground = {
      type: 'response.created',
      response: { ...open, status: 'in_progress', background: false },
    };
    const cut = responses.readChunk!(EMPTY_RESULT, foreground, request(responses));
    expect(responses.isPending!(cut)).toBe(false);
    expect(cut.finishReasons).toEqual([undefined]);
    const background = { type: 'response.created', response: open };
    expect(responses.isPending!(responses.readChunk!(EMPTY_RESULT, background, request(responses)))).toBe(
      true,
    );
  });

  it('report their failure', () => {
    const failed = { ...open, status: 'failed', error: { code: 'server_error', message: 'x' } };
    expect(responses.readResponse(failed, request(responses))).toMatchObject({
      errorType: 'server_error',
      finishReasons: [undefined],
    });
    const incomplete = { ...open, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    expect(responses.readResponse(incomplete, request(responses)).finishReasons).toEqual([
      'max_output_tokens',
    ]);
  });
});
