import { describe, expect, it } from 'vitest';
import { type CallRequest, EMPTY_RESULT } from '../../src/provider.ts';
import { chatCompletions } from '../../src/providers/openai/chat.ts';

const CLIENT = { baseUrl: 'https://api.openai.com/v1', classNames: ['OpenAI'] };
const streaming = (more: object = {}): CallRequest =>
  chatCompletions.readRequest({ path: '', body: { stream: true, ...more }, client: CLIENT });

describe('chat streams', () => {
  const fold = (chunks: unknown[], read = streaming()) =>
    chunks.reduce(
      (soFar: ReturnType<typeof chatCompletions.readResponse>, chunk) =>
        chatCompletions.readChunk!(soFar, chunk, read),
      EMPTY_RESULT,
    );
  const chunk = (choices: unknown[], more: object = {}) => ({ id: 'c', model: 'm', choices, ...more });

  it('places finish reasons by choice index and leaves a gap where one has not come', () => {
    const read = streaming({ n: 2 });
    expect(fold([chunk([{ index: 1, finish_reason: 'length' }])], read).finishReasons).toEqual([
      undefined,
      'length',
    ]);
    expect(fold([chunk([{ index: 0, finish_reason: 'stop' }]), chunk([{ index: 0 }])]).finishReasons).toEqual(
      ['stop'],
    );
  });

  it('takes the last usage of a host that counts up, whole only at the end', () => {
    const usage = (completion_tokens: number) => ({ usage: { prompt_tokens: 3, completion_tokens } });
    const first = fold([chunk([{ index: 0 }], usage(1))]);
    expect(first).toMatchObject({ usageStatus: 'partial', usage: { inputTokens: 3, outputTokens: 1 } });
    const last = fold([
      chunk([{ index: 0 }], usage(1)),
      chunk([{ index: 0, finish_reason: 'stop' }], usage(2)),
    ]);
    expect(last).toMatchObject({ usageStatus: 'complete', usage: { inputTokens: 3, outputTokens: 2 } });
  });

  it.each([{ prompt_tokens: 3 }, { completion_tokens: 4 }])(
    'is whole at its end only with both counts',
    (usage) => {
      const ended = fold([chunk([{ index: 0, finish_reason: 'stop' }]), chunk([], { usage })]);
      expect(ended.usageStatus).toBe('partial');
    },
  );

  it('reads usage from where older Groq streams have it', () => {
    const x_groq = { usage: { prompt_tokens: 3, completion_tokens: 4 } };
    expect(fold([chunk([{ index: 0, finish_reason: 'stop' }], { x_groq })]).usage).toEqual({
      inputTokens: 3,
      outputTokens: 4,
    });
  });

  it('reads usage from where Moonshot has it', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4, cached_tokens: 2 };
    const told = fold([chunk([{ index: 0, delta: {}, finish_reason: 'stop', usage }])]);
    expect(told).toMatchObject({
      usageStatus: 'complete',
      usage: { inputTokens: 3, cacheReadInputTokens: 2, outputTokens: 4 },
    });
  });

  it('makes no new result of a chunk that brings nothing to record', () => {
    const one = fold([chunk([{ index: 0, delta: { content: 'a' } }])]);
    const two = chatCompletions.readChunk!(
      one,
      chunk([{ index: 0, delta: { content: 'b' } }], { usage: null }),
      streaming(),
    );
    expect(two).toBe(one);
  });

  it('reports an error chunk', () => {
    expect(fold([{ error: { code: 502, message: 'upstream' } }]).errorType).toBe('502');
  });

  it('does not build an array for an absurd index', () => {
    expect(fold([chunk([{ index: 4e9, finish_reason: 'stop' }])]).finishReasons).toBeUndefined();
  });
});

describe('asking for stream usage', () => {
  const ask = chatCompletions.askForStreamUsage!;
  const hide = chatCompletions.hideStreamUsage!;

  it('asks once, on a copy', () => {
    const body = Object.freeze({ model: 'm', stream: true, stream_options: Object.freeze({ x: 1 }) });
    expect(ask(body)).toEqual({ model: 'm', stream: true, stream_options: { x: 1, include_usage: true } });
    expect(ask({ stream: true, stream_options: { include_usage: true } })).toBeUndefined();
    expect(ask({ stream: true, stream_options: { include_usage: false } })).toMatchObject({
      stream_options: { include_usage: true },
    });
    for (const other of [{ stream: false }, {}, null, undefined, 'x', []]) expect(ask(other)).toBeUndefined();
  });

  it.each([
    ['last', '{"id":"c","choices":[{"index":0}],"usage":null}', '{"id":"c","choices":[{"index":0}]}'],
    [
      'in the middle',
      '{"id":"c","usage":null,"choices":[{"index":0}],"obfuscation":"x"}',
      '{"id":"c","choices":[{"index":0}],"obfuscation":"x"}',
    ],
    ['beside names that count', '{"2":0,"b":1,"usage":null,"1":0}', '{"1":0,"2":0,"b":1}'],
    [
      'beside a name like no other',
      '{"a":1,"usage":null,"__proto__":{"b":2}}',
      '{"a":1,"__proto__":{"b":2}}',
    ],
  ])('gives a chunk as it would have come without the usage: %s', (_, sent, expected) => {
    const shown = hide(JSON.parse(sent)) as object;
    expect('usage' in shown).toBe(false);
    expect(JSON.stringify(shown)).toBe(expected);
    expect(Object.getOwnPropertyDescriptors(shown)).toEqual(
      Object.getOwnPropertyDescriptors(JSON.parse(expected)),
    );
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
  });

  it('does not ask a host that sends it anyway, nor an API version that refuses the question', () => {
    const client = (baseUrl: string, apiVersion?: string) => ({ baseUrl, classNames: [], apiVersion });
    const body = { stream: true };
    expect(ask(body, client('https://api.mistral.ai/v1'))).toBeUndefined();
    expect(ask(body, client('https://x.openai.azure.com/openai', '2024-02-01'))).toBeUndefined();
    expect(ask(body, client('https://x.openai.azure.com/openai', '2024-10-21'))).toBeDefined();
    expect(ask(body, client('https://x.openai.azure.com/openai', '2025-04-01-preview'))).toBeDefined();
    expect(ask(body, client('https://x.openai.azure.com/openai/v1', 'preview'))).toBeDefined();
    expect(ask(body, CLIENT)).toBeDefined();
  });

  it('hides exactly what the question brought', () => {
    expect(hide({ choices: [], usage: { prompt_tokens: 1 } })).toBeUndefined();
    expect(hide({ choices: [{ index: 0 }], usage: null })).toEqual({ choices: [{ index: 0 }] });
    const azureFirst = { choices: [], prompt_filter_results: [] };
    expect(hide(azureFirst)).toBe(azureFirst);
    const own = { choices: [{ index: 0 }], usage: { prompt_tokens: 1 } };
    expect(hide(own)).toBe(own);
    for (const odd of [null, undefined, 'x', 3, []]) expect(hide(odd)).toBe(odd);
  });
});
