import { describe, expect, it } from 'vitest';
import { type CallResult, EMPTY_RESULT, type EndpointCall } from '../../src/provider.ts';
import { countTokens, messages } from '../../src/providers/anthropic/messages.ts';
import { anthropic } from '../../src/providers/anthropic.ts';

const CLIENT = { baseUrl: 'https://api.anthropic.com', classNames: ['Anthropic', 'BaseAnthropic'] };
const request = (body: unknown = { model: 'claude-sonnet-5' }, more: Partial<EndpointCall> = {}) =>
  messages.readRequest({ path: '/v1/messages', body, client: CLIENT, ...more });
const read = (usage: object, more: object = {}) =>
  messages.readResponse(
    { id: 'msg_1', type: 'message', model: 'claude-sonnet-5', stop_reason: 'end_turn', usage, ...more },
    request(),
  );
const fold = (events: unknown[], asked = request()): CallResult =>
  events.reduce((soFar: CallResult, event) => messages.readChunk!(soFar, event, asked), EMPTY_RESULT);
const withoutState = ({ state: _, content: __, ...result }: CallResult) => result;

describe('which endpoint a path is', () => {
  it.each([
    ['/v1/messages', 'messages'],
    ['/v1/messages?beta=true', 'messages'],
    ['/v1/messages?beta=prompt_caching', 'messages'],
    ['/v1/messages/count_tokens', 'messages.count_tokens'],
    ['/v1/messages/count_tokens?beta=true', 'messages.count_tokens'],
    ['/v1/messages/batches', 'messages.batches.create'],
    ['/v1/messages/batches?beta=true', 'messages.batches.create'],
    ['/v1/complete', 'completions'],
    ['/v1/messages/batches/msgbatch_1', undefined],
    ['https://api.anthropic.com/v1/messages/batches/msgbatch_1/results', 'messages.batches.results'],
  ])('%s is %s', (path, name) => {
    const found = anthropic.endpoints.filter((endpoint) => endpoint.path.test(path));
    expect(found.map((endpoint) => endpoint.name)).toEqual(name === undefined ? [] : [name]);
  });
});

describe('requests', () => {
  it('reads every setting', () => {
    const { attributes, ...rest } = request({
      model: 'claude-opus-5',
      max_tokens: 100,
      temperature: 1,
      top_p: 0.5,
      top_k: 40,
      stop_sequences: ['END'],
      stream: true,
      output_config: { effort: 'high', format: { type: 'json_schema' } },
      service_tier: 'auto',
    });
    expect(rest).toEqual({
      operation: 'chat',
      provider: 'anthropic',
      model: 'claude-opus-5',
      isStream: true,
      serverAddress: 'api.anthropic.com',
      serverPort: 443,
    });
    expect(attributes).toEqual({
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.temperature': 1,
      'gen_ai.request.top_p': 0.5,
      'gen_ai.request.top_k': 40,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.request.reasoning.level': 'high',
      'gen_ai.output.type': 'json',
    });
  });

  it('states no cost for what the account does not pay', () => {
    const counted = countTokens.readRequest({ path: '/v1/messages/count_tokens', body: {}, client: CLIENT });
    expect(counted).toMatchObject({ operation: 'count_tokens', isBilled: false });
    expect(countTokens.readResponse({ input_tokens: 12 }, counted)).toEqual({ usageStatus: 'missing' });
    const policy = { type: 'billing_policy', bill_to: 'user_profile' };
    expect(request({ model: 'm', billing_policy: policy }).isBilled).toBe(false);
    expect(request({ model: 'm', billing_policy: { bill_to: 'self' } }).isBilled).toBeUndefined();
  });

  it('knows the clouds by the client class', () => {
    const client = { baseUrl: 'https://proxy.example.org', classNames: ['AnthropicVertex', 'BaseAnthropic'] };
    expect(request({}, { client }).provider).toBe('gcp.vertex_ai');
  });
});

describe('a whole message', () => {
  it('adds cache reads and writes to the input', () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 15 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
      service_tier: 'standard',
      inference_geo: 'us',
    };
    const content = [
      { type: 'server_tool_use', name: 'bash_code_execution' },
      { type: 'server_tool_use', name: 'web_search' },
      { type: 'tool_use', name: 'code_execution' },
    ];
    expect(read(usage, { content })).toEqual({
      usageStatus: 'complete',
      usage: {
        inputTokens: 240,
        cacheReadInputTokens: 200,
        cacheWriteInputTokens: 30,
        cacheWriteByTtl: { '5m': 10, '1h': 20 },
        outputTokens: 50,
        reasoningOutputTokens: 15,
        toolRequests: { web_search: 2, web_fetch: 1, code_execution: 1 },
      },
      responseId: 'msg_1',
      responseModel: 'claude-sonnet-5',
      finishReasons: ['end_turn'],
      mode: 'standard',
      region: 'us',
    });
  });

  const USAGE = { input_tokens: 1, output_tokens: 2 };

  it.each([
    [{ service_tier: 'batch' }, { mode: 'batch' }],
    [{ service_tier: 'priority' }, { mode: 'priority' }],
    [{ service_tier: 'standard', speed: 'fast' }, { mode: 'fast' }],
    [{ service_tier: 'standard', speed: 'standard' }, { mode: 'standard' }],
    [{ service_tier: 'odd' }, { estimatedReason: 'unknown_tier' }],
    [{ inference_geo: 'not_available' }, {}],
    [{ inference_geo: 'global' }, { region: 'global' }],
    [{ fallback_credit: { status: { type: 'redeemed' } } }, { estimatedReason: 'fallback_credit' }],
    [{ fallback_credit: { status: { type: 'not_applied', reason: 'expired' } } }, {}],
    [{ fallback_credit: null, service_tier: null, inference_geo: null, speed: null }, {}],
  ])('rate of %j', (more, rate) => {
    const { mode, region, estimatedReason } = read({ ...USAGE, ...more });
    expect({ mode, region, estimatedReason }).toEqual({
      mode: undefined,
      region: undefined,
      estimatedReason: undefined,
      ...rate,
    });
  });

  it('adds compactions and advisors, and prices a fallback by the model that served', () => {
    const iterations = [
      { type: 'message', input_tokens: 1, output_tokens: 0 },
      { type: 'compaction', input_tokens: 100, cache_read_input_tokens: 5, output_tokens: 9 },
      { type: 'advisor_message', model: 'claude-opus-5', input_tokens: 7, output_tokens: 3 },
      { type: 'fallback_message', model: 'claude-haiku-5', ...USAGE },
    ];
    const result = read({ ...USAGE, iterations });
    expect(result.responseModel).toBe('claude-haiku-5');
    expect(result.usage).toEqual({
      inputTokens: 1,
      outputTokens: 2,
      nested: [
        {
          model: 'claude-haiku-5',
          usage: { inputTokens: 105, cacheReadInputTokens: 5, outputTokens: 9 },
        },
        { model: 'claude-opus-5', usage: { inputTokens: 7, outputTokens: 3 } },
      ],
    });
  });

  const SERVED = { type: 'fallback_message', model: 'claude-haiku-5', ...USAGE };
  const NESTED = { inputTokens: 1, outputTokens: 2 };
  const handedOver = (category: string | null) => [
    { type: 'fallback', from: { model: 'claude-opus-5' }, to: {}, trigger: { type: 'refusal', category } },
    { type: 'text', text: 'Alpha.' },
  ];

  it.each([
    ['broken off', { model: 'claude-opus-5', ...USAGE }, null, [{ model: 'claude-opus-5', usage: NESTED }]],
    ['of the model that was asked', USAGE, null, [{ model: 'claude-sonnet-5', usage: NESTED }]],
    ['of the model that served', { model: 'claude-haiku-5', ...USAGE }, null, undefined],
    ['declined at once', { model: 'claude-opus-5', ...USAGE, output_tokens: 0 }, 'cyber', undefined],
    [
      'declined at once for no reason',
      { model: 'claude-opus-5', ...USAGE, output_tokens: 0 },
      null,
      undefined,
    ],
    [
      'declined at once for what is billed',
      { model: 'claude-opus-5', ...USAGE, output_tokens: 0 },
      'frontier_llm',
      [{ model: 'claude-opus-5', usage: { inputTokens: 1, outputTokens: 0 } }],
    ],
  ])('bills beside a fallback an attempt %s as it should', (_name, attempt, category, nested) => {
    const usage = { ...USAGE, iterations: [{ type: 'message', ...attempt }, SERVED] };
    const result = read(usage, { content: handedOver(category) });
    expect(result.usage).toEqual({ ...NESTED, ...(nested === undefined ? {} : { nested }) });
    const [block] = handedOver(category);
    const events = [
      { type: 'message_start', message: { id: 'msg_1', model: 'claude-haiku-5', usage: USAGE } },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
    ];
    expect(fold(events).usage).toEqual(result.usage);
  });

  it('bills no token of an iteration where none fell back', () => {
    const iterations = [
      { type: 'message', model: 'claude-opus-5', ...USAGE },
      { type: 'message', ...USAGE },
    ];
    expect(read({ ...USAGE, iterations }).usage).toEqual(NESTED);
  });

  const FREE = { billedUsage: { inputTokens: 0, outputTokens: 0 }, estimatedReason: 'unbilled_refusal' };

  it.each([
    ['cyber', 0, FREE],
    [null, 0, FREE],
    ['bio', 0, {}],
    ['cyber', 1, {}],
  ])('a refusal for %s after %i tokens', (category, output, expected) => {
    const stop = { stop_reason: 'refusal', stop_details: { type: 'refusal', category } };
    const usage = { input_tokens: 400, output_tokens: output };
    const { billedUsage, estimatedReason, ...result } = read(usage, { content: [], ...stop });
    expect({ billedUsage, estimatedReason }).toEqual({
      billedUsage: undefined,
      estimatedReason: undefined,
      ...expected,
    });
    expect(result.usage).toEqual({ inputTokens: 400, outputTokens: output });
    const start = { type: 'message_start', message: { id: 'msg_1', model: 'claude-sonnet-5', usage } };
    const told = fold([start, { type: 'message_delta', delta: stop, usage }]);
    expect(withoutState(told)).toEqual(read(usage, { content: [], ...stop }));
  });

  it('a refusal costs what it states where another company sells the model', () => {
    const usage = { input_tokens: 400, output_tokens: 0 };
    const body = { type: 'message', content: [], stop_reason: 'refusal', usage };
    const onBedrock = { ...request(), provider: 'aws.bedrock' } as const;
    expect(messages.readResponse(body, onBedrock)).not.toHaveProperty('billedUsage');
    expect(messages.readResponse(body, request())).toHaveProperty('billedUsage');
  });

  it('bills what others did for an answer that was refused in the end', () => {
    const iterations = [
      { type: 'message', model: 'claude-opus-5', ...USAGE },
      { type: 'fallback_message', model: 'claude-haiku-5', input_tokens: 400, output_tokens: 0 },
    ];
    const usage = { input_tokens: 400, output_tokens: 0, iterations };
    expect(read(usage, { stop_reason: 'refusal' }).billedUsage).toEqual({
      inputTokens: 0,
      outputTokens: 0,
      nested: [{ model: 'claude-opus-5', usage: NESTED }],
    });
  });
});

describe('a stream', () => {
  const START = {
    type: 'message_start',
    message: {
      id: 'msg_1',
      model: 'claude-sonnet-5',
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 5,
        cache_creation_input_tokens: 0,
        output_tokens: 3,
        service_tier: 'standard',
        inference_geo: 'us',
        speed: 'fast',
      },
    },
  };
  const TEXT = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } };
  const DELTA = {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use' },
    usage: { input_tokens: null, cache_read_input_tokens: null, output_tokens: 20 },
  };

  it('knows the input from the start and the output from the end; null takes nothing back', () => {
    const known = { responseId: 'msg_1', responseModel: 'claude-sonnet-5', mode: 'fast', region: 'us' };
    const input = { inputTokens: 15, cacheReadInputTokens: 5, cacheWriteInputTokens: 0 };
    expect(withoutState(fold([START, TEXT]))).toEqual({
      usageStatus: 'partial',
      usage: input,
      finishReasons: [undefined],
      ...known,
    });
    expect(withoutState(fold([START, TEXT, DELTA, { type: 'message_stop' }]))).toEqual({
      usageStatus: 'complete',
      usage: { ...input, outputTokens: 20 },
      finishReasons: ['tool_use'],
      ...known,
    });
  });

  it('counts code executions and keeps an error', () => {
    const block = {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'server_tool_use', name: 'code_execution' },
    };
    expect(fold([START, block, TEXT, block, DELTA]).usage?.toolRequests).toEqual({ code_execution: 2 });
    const error = { type: 'error', error: { type: 'overloaded_error' } };
    expect(fold([START, error])).toMatchObject({ errorType: 'overloaded_error', usageStatus: 'partial' });
  });

  it('makes no new result of text', () => {
    const one = fold([START]);
    expect(messages.readChunk!(one, TEXT, request())).toBe(one);
  });

  it('puts captured blocks together', () => {
    const asked = request(
      { system: 'kind', messages: [{ role: 'user', content: 'q' }] },
      { isContentCaptured: true },
    );
    const prompt = asked.content!();
    expect(JSON.parse(prompt['gen_ai.input.messages'] as string)).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'q' }] },
    ]);
    expect(JSON.parse(prompt['gen_ai.system_instructions'] as string)).toEqual([
      { type: 'text', content: 'kind' },
    ]);
    const start = (index: number, content_block: object) => ({
      type: 'content_block_start',
      index,
      content_block,
    });
    const delta = (index: number, change: object) => ({ type: 'content_block_delta', index, delta: change });
    const result = fold(
      [
        START,
        start(0, { type: 'text', text: '' }),
        TEXT,
        TEXT,
        start(1, { type: 'tool_use', id: 't', name: 'f', input: {} }),
        delta(1, { type: 'input_json_delta', partial_json: '{"a":' }),
        delta(1, { type: 'input_json_delta', partial_json: '1}' }),
        DELTA,
      ],
      asked,
    );
    expect(JSON.parse(result.content!()['gen_ai.output.messages'] as string)).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'hihi' },
          { type: 'tool_call', id: 't', name: 'f', arguments: { a: 1 } },
        ],
        finish_reason: 'tool_use',
      },
    ]);
  });
});

it('lets exactly the spans of the recorded endpoints yield', () => {
  const { names } = anthropic.client.ownSpans!;
  const yields = [
    'anthropic.messages.create',
    'anthropic.messages.count_tokens',
    'anthropic.messages.batches.create',
    'anthropic.messages.tool_runner',
    'execute_tool get_weather',
  ].filter((name) => names.test(name));
  expect(yields).toEqual(['anthropic.messages.create', 'anthropic.messages.count_tokens']);
});
