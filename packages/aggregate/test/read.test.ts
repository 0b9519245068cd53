import { priceUsage } from '@costspan/pricing';
import { ATTR } from '@costspan/semconv';
import { describe, expect, it } from 'vitest';
import { type ReadOptions, readCallRecord, readTaskRecord, type SpanView } from '../src/index.ts';
import { NOW_MS } from './records.ts';

const OPTIONS: ReadOptions = { price: priceUsage };
const span = (attributes: Record<string, unknown>, differs: Partial<SpanView> = {}): SpanView => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'chat gpt-5',
  kind: 'client',
  startMs: NOW_MS - 1_500,
  endMs: NOW_MS,
  hasErrorStatus: false,
  attributes,
  resource: { 'service.name': 'shop', 'deployment.environment.name': 'prod' },
  scopeName: '@costspan/instrumentation',
  ...differs,
});
const CHAT = {
  [ATTR.OPERATION_NAME]: 'chat',
  [ATTR.PROVIDER_NAME]: 'openai',
  [ATTR.REQUEST_MODEL]: 'gpt-5-mini',
};

describe('a call', () => {
  it('is not counted from the span of another layer that yields to ours', () => {
    expect(readCallRecord(span(CHAT), OPTIONS)).toBeDefined();
    expect(readCallRecord(span({ ...CHAT, [ATTR.SUPERSEDED]: true }), OPTIONS)).toBeUndefined();
    expect(readCallRecord(span({ ...CHAT, [ATTR.RELAYED]: true }), OPTIONS)).toBeUndefined();
  });

  it.each([
    [{ [ATTR.SERVER_ADDRESS]: 'llm.internal', [ATTR.SERVER_PORT]: 4000 }, { sentTo: 'llm.internal:4000' }],
    [{ [ATTR.SERVER_ADDRESS]: 'llm.internal', [ATTR.SERVER_PORT]: 443 }, { sentTo: 'llm.internal' }],
    [{ [ATTR.SERVER_ADDRESS]: 'llm.internal', [ATTR.SERVER_PORT]: 80 }, { sentTo: 'llm.internal' }],
    [{ [ATTR.SERVER_ADDRESS]: 'llm.internal' }, { sentTo: 'llm.internal' }],
    [{ [ATTR.SERVER_ADDRESS]: '::1', [ATTR.SERVER_PORT]: 4000 }, { sentTo: '::1:4000' }],
    [{ [ATTR.SERVER_PORT]: 4000 }, {}],
    [{ [ATTR.ENTRY_HOST]: 'llm.internal:4000' }, { askedAt: 'llm.internal:4000' }],
    [{ [ATTR.ENTRY_HOST]: 'x'.repeat(261), [ATTR.SERVER_ADDRESS]: 'jane@acme.example' }, {}],
  ])('went to a host, and was made at one: %o', (attributes, hosts) => {
    const read = (differs: Partial<SpanView>, more = {}) => {
      const { sentTo, askedAt } = readCallRecord(
        span({ ...CHAT, [ATTR.RESPONSE_ID]: 'a', ...attributes, ...more }, { parentSpanId: '', ...differs }),
        OPTIONS,
      )!;
      return { ...(sentTo && { sentTo }), ...(askedAt && { askedAt }) };
    };
    expect(read({})).toEqual(hosts);
    expect(read({ scopeName: 'another' })).toEqual({});
    expect(read({}, { [ATTR.RESPONSE_ID]: '' })).toEqual({});
  });

  it.each([10 ** 12, 2 ** 53 + 1, 2 ** 64])(
    'that says %i tokens, a time and retries that none can have does not become all that their sums are made of',
    (over) => {
      let cut = 0;
      const onTokensCut = () => {
        cut += 1;
      };
      const attributes = {
        ...CHAT,
        [ATTR.USAGE_INPUT_TOKENS]: over + 1,
        [ATTR.USAGE_OUTPUT_TOKENS]: 5,
        [ATTR.RESPONSE_TIME_TO_FIRST_CHUNK]: over,
        [ATTR.HTTP_REQUEST_RESEND_COUNT]: over,
      };
      const call = readCallRecord(span(attributes), { ...OPTIONS, onTokensCut });
      expect([cut, call?.tokens, call?.timeToFirstChunkSeconds, call?.retries]).toEqual([
        1,
        undefined,
        undefined,
        0,
      ]);
      expect(call?.costPicoUsd).toBeUndefined();
      const most = { ...CHAT, [ATTR.USAGE_INPUT_TOKENS]: 10 ** 12 };
      expect(readCallRecord(span(most), OPTIONS)?.tokens?.input).toBe(10 ** 12);
    },
  );

  it('knows an e-mail address and a key wherever they stand, and is not held up by a text that is made to', () => {
    const feature = (text: string) =>
      readCallRecord(span({ ...CHAT, [ATTR.FEATURE]: text }), OPTIONS)?.feature;
    const token = `eyJ${'h'.repeat(60)}.${'p'.repeat(60)}`;
    const hidden = [
      'a@b.de',
      'of a.b+c@mail.example.com',
      `${'x'.repeat(195)}joe@example.com`,
      `id-${token}`,
    ];
    expect(hidden.map(feature)).toEqual(hidden.map(() => 'redacted'));
    const plain = ['@scope/package', 'a @ b.de', 'user@localhost', 'eyJ.eyJ'];
    expect(plain.map(feature)).toEqual(plain);
    const costly = [`${'x'.repeat(2_000_000)} @`, 'eyJ-'.repeat(500_000), '@a'.repeat(1_000_000)];
    expect(costly.map(feature)).toEqual(costly.map((text) => text.slice(0, 200)));
    const from = (scopeName: string) => span(CHAT, { scopeName, parentSpanId: '' });
    expect(readCallRecord(from('of joe@example.com'), OPTIONS)?.emitter).toBe('redacted');
  });

  it('has the price of its model, also where the label of that is cut', () => {
    const attributes = {
      ...CHAT,
      [ATTR.RESPONSE_MODEL]: 'gpt-5-mini-2025-08-07',
      [ATTR.USAGE_INPUT_TOKENS]: 1_000,
    };
    const whole = readCallRecord(span(attributes), OPTIONS);
    const cut = readCallRecord(span(attributes), { ...OPTIONS, labelChars: 16 });
    expect([whole?.model, cut?.model]).toEqual(['gpt-5-mini-2025-08-07', 'gpt-5-mini-2025-']);
    expect([whole?.costPicoUsd, cut?.costPicoUsd]).toEqual([250_000_000, 250_000_000]);
  });

  it('is read from the attributes of the contract', () => {
    const attributes = {
      ...CHAT,
      [ATTR.RESPONSE_MODEL]: 'gpt-5-mini-2025-08-07',
      [ATTR.RESPONSE_TIME_TO_FIRST_CHUNK]: 0.2,
      [ATTR.USAGE_INPUT_TOKENS]: 100,
      [ATTR.USAGE_CACHE_READ_INPUT_TOKENS]: 30,
      [ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS]: 20,
      [ATTR.USAGE_OUTPUT_TOKENS]: 10,
      [ATTR.USAGE_REASONING_OUTPUT_TOKENS]: 4,
      [ATTR.USAGE_COST_AMOUNT]: 0.000123456789,
      [ATTR.USAGE_COST_CURRENCY]: 'USD',
      [ATTR.USAGE_COST_SOURCE]: 'provider',
      [ATTR.COST_STATUS]: 'priced',
      [ATTR.CACHE_SAVINGS]: -0.0000001,
      [ATTR.PRICE_MODE]: 'flex',
      [ATTR.HTTP_REQUEST_RESEND_COUNT]: 2,
      [ATTR.FEATURE]: 'support',
      [ATTR.USER_TIER]: 'pro',
      [ATTR.TENANT]: 'acme',
      [ATTR.TASK_ID]: 't1',
      [ATTR.TASK_NAME]: 'resolve',
    };
    expect(readCallRecord(span(attributes), OPTIONS)).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      service: 'shop',
      environment: 'prod',
      feature: 'support',
      userTier: 'pro',
      tenant: 'acme',
      task: { id: 't1', name: 'resolve' },
      provider: 'openai',
      model: 'gpt-5-mini-2025-08-07',
      operation: 'chat',
      mode: 'flex',
      status: 'ok',
      endMs: NOW_MS,
      durationSeconds: 1.5,
      timeToFirstChunkSeconds: 0.2,
      retries: 2,
      tokens: { input: 50, cacheRead: 30, cacheWrite: 20, output: 6, reasoning: 4 },
      costPicoUsd: 123_456_789,
      costSource: 'provider',
      cacheSavingsPicoUsd: -100_000,
    });
  });

  it('is priced here when it says what it used and not what it cost', () => {
    const usage = { [ATTR.USAGE_INPUT_TOKENS]: 1_000, [ATTR.USAGE_OUTPUT_TOKENS]: 100 };
    const expected = priceUsage(
      { inputTokens: 1_000, outputTokens: 100 },
      { provider: 'openai', model: 'gpt-5-mini', atMs: NOW_MS },
    );
    if (expected.status === 'unpriced') throw new Error('gpt-5-mini has a price');
    expect(readCallRecord(span({ ...CHAT, ...usage }), OPTIONS)).toMatchObject({
      costPicoUsd: expected.amountPicoUsd,
      costSource: 'local',
      feature: 'unattributed',
    });
  });

  it('is priced here by how much of its cached input was audio', () => {
    const asked = { provider: 'openai', model: 'gpt-realtime-mini', atMs: NOW_MS };
    const usage = {
      inputTokens: 1_000,
      cacheReadInputTokens: 200,
      input: { text: 300, audio: 700 },
      cacheRead: { text: 150, audio: 50 },
      outputTokens: 400,
      output: { text: 100, audio: 300 },
    };
    const expected = priceUsage(usage, asked);
    if (expected.status === 'unpriced') throw new Error('gpt-realtime-mini has a price');
    expect(
      readCallRecord(
        span({
          ...CHAT,
          [ATTR.REQUEST_MODEL]: 'gpt-realtime-mini',
          'gen_ai.usage.input_tokens': 1_000,
          'gen_ai.usage.cache_read.input_tokens': 200,
          'gen_ai.usage.text.input_tokens': 300,
          'gen_ai.usage.audio.input_tokens': 700,
          'gen_ai.usage.text.cache_read.input_tokens': 150,
          'gen_ai.usage.audio.cache_read.input_tokens': 50,
          'gen_ai.usage.output_tokens': 400,
          'gen_ai.usage.text.output_tokens': 100,
          'gen_ai.usage.audio.output_tokens': 300,
        }),
        OPTIONS,
      )?.costPicoUsd,
    ).toBe(expected.amountPicoUsd);
  });

  it.each([
    [
      'that says it has no price',
      { [ATTR.COST_STATUS]: 'unpriced', [ATTR.COST_REASON]: 'unknown_model' },
      'unknown_model',
    ],
    [
      'of an unknown model',
      { [ATTR.REQUEST_MODEL]: 'my-own-1', [ATTR.USAGE_INPUT_TOKENS]: 5 },
      'unknown_model',
    ],
    ['without usage', {}, 'no_usage'],
    [
      'in another currency',
      { [ATTR.USAGE_COST_AMOUNT]: 1, [ATTR.USAGE_COST_CURRENCY]: 'EUR' },
      'foreign_currency',
    ],
    ['that costs less than nothing', { [ATTR.USAGE_COST_AMOUNT]: -1 }, 'invalid_cost'],
    ['whose cost is no number', { [ATTR.USAGE_COST_AMOUNT]: Number.NaN }, 'invalid_cost'],
    ['that costs more than a call can', { [ATTR.USAGE_COST_AMOUNT]: 1e6 }, 'amount_over_limit'],
  ])('%s has a reason and no cost, never 0', (_, attributes, unpricedReason) => {
    const record = readCallRecord(span({ ...CHAT, ...attributes }), OPTIONS);
    expect({ cost: record?.costPicoUsd, reason: record?.unpricedReason }).toEqual({
      cost: undefined,
      reason: unpricedReason,
    });
  });

  it('that is priced in part has both a cost and a reason', () => {
    const attributes = {
      [ATTR.USAGE_COST_AMOUNT]: 0.5,
      [ATTR.COST_STATUS]: 'partial',
      [ATTR.COST_REASON]: 'no_rate_for_unit',
    };
    expect(readCallRecord(span({ ...CHAT, ...attributes }), OPTIONS)).toMatchObject({
      costPicoUsd: 5e11,
      unpricedReason: 'no_rate_for_unit',
    });
  });

  it('that failed before it used anything owes no reason', () => {
    const record = readCallRecord(span({ ...CHAT, [ATTR.ERROR_TYPE]: '401' }), OPTIONS);
    expect([record?.status, record?.costPicoUsd, record?.unpricedReason]).toEqual([
      'error',
      undefined,
      undefined,
    ]);
  });

  it.each([
    [{}, false, 'ok'],
    [{ [ATTR.ERROR_TYPE]: '429' }, true, 'error'],
    [{}, true, 'error'],
    [{ [ATTR.ERROR_TYPE]: 'aborted' }, true, 'aborted'],
    [{ [ATTR.ERROR_TYPE]: 'APIUserAbortError' }, false, 'aborted'],
  ])('with %j and error status %s is %s', (attributes, hasErrorStatus, status) => {
    expect(readCallRecord(span({ ...CHAT, ...attributes }, { hasErrorStatus }), OPTIONS)?.status).toBe(
      status,
    );
  });

  it.each([
    'invoke_agent',
    'invoke_workflow',
    'execute_tool',
    'fetch_response',
    'retrieval',
    'create_agent',
    'count_tokens',
    'plan',
  ])('is not what %s reports, whatever usage it repeats', (operation) => {
    const attributes = {
      [ATTR.OPERATION_NAME]: operation,
      [ATTR.USAGE_INPUT_TOKENS]: 5,
      [ATTR.USAGE_COST_AMOUNT]: 1,
    };
    expect(readCallRecord(span(attributes), OPTIONS)).toBeUndefined();
  });

  it('has bounded labels without control characters or halves of characters', () => {
    const record = readCallRecord(
      span({ ...CHAT, [ATTR.FEATURE]: `a\n\0b\ud83d`, [ATTR.TENANT]: 'x'.repeat(999) }),
      OPTIONS,
    );
    expect([record?.feature, record?.tenant.length]).toEqual(['a  b\ufffd', 200]);
  });
});

describe('a task', () => {
  const TASK = { [ATTR.TASK_ID]: 't1', [ATTR.TASK_NAME]: 'resolve', [ATTR.FEATURE]: 'support' };
  const RECORD = {
    id: 't1',
    name: 'resolve',
    service: 'shop',
    environment: 'prod',
    feature: 'support',
    userTier: '',
    startMs: NOW_MS - 1_500,
    endMs: NOW_MS,
  };

  it('is read from its span, with the outcome that it states', () => {
    const attributes = { ...TASK, [ATTR.TASK_OUTCOME]: 'abandoned', [ATTR.TASK_OUTCOME_SOURCE]: 'feedback' };
    const internal = span(attributes, { kind: 'internal', name: 'task resolve' });
    expect(readTaskRecord(internal, OPTIONS)).toEqual({
      ...RECORD,
      outcome: 'abandoned',
      outcomeSource: 'feedback',
    });
  });

  it('that is a request gets its outcome from the rules', () => {
    const server = span(
      { ...TASK, [ATTR.HTTP_RESPONSE_STATUS_CODE]: 503 },
      { kind: 'server', name: 'GET /', hasErrorStatus: true },
    );
    const asked: unknown[] = [];
    const decideOutcome: ReadOptions['decideOutcome'] = (facts) => {
      asked.push(facts);
      return { outcome: 'failure', source: 'http' };
    };
    expect(readTaskRecord(server, { ...OPTIONS, decideOutcome })).toEqual({
      ...RECORD,
      outcome: 'failure',
      outcomeSource: 'http',
    });
    expect(asked).toEqual([{ 'http.status_code': 503, 'error.type': '_OTHER' }]);
  });

  it.each([
    ['a call', span({ ...CHAT, ...TASK })],
    ['another span of it', span(TASK, { kind: 'internal', name: 'load the ticket' })],
    ['a request without a task', span({}, { kind: 'server' })],
  ])('is not ended by %s', (_, other) => {
    expect(readTaskRecord(other, OPTIONS)).toBeUndefined();
  });
});
