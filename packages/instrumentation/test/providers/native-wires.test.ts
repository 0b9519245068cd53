/** APIs of providers that have one of their own, read by hand: watsonx.ai, DeepInfra, ElevenLabs, Deepgram. */
import { expect, it } from 'vitest';
import { findWire } from '../../src/net/wire.ts';
import { type CallRequest, type CallResult, EMPTY_RESULT } from '../../src/provider.ts';

function ask(url: string, body: object) {
  const { readers, path, baseUrl } = findWire(url, 'POST', true)!;
  const request: CallRequest = readers.readRequest({ path, body, client: { baseUrl, classNames: [] } });
  return {
    request,
    read: (answer: object) => readers.readResponse(answer, request),
    fold: (chunks: readonly object[]) =>
      chunks.reduce<CallResult>((soFar, chunk) => readers.readChunk!(soFar, chunk, request), EMPTY_RESULT),
  };
}

const WATSONX = 'https://eu-de.ml.cloud.ibm.com/ml/v1';
const GRANITE = 'ibm/granite-4-h-small';
const COUNTED = { inputTokens: 38, outputTokens: 7 };

it('reads what watsonx.ai generates', () => {
  const { request, read } = ask(`${WATSONX}/text/generation?version=2026-01-01`, {
    model_id: GRANITE,
    input: 'canary-prompt',
    parameters: { max_new_tokens: 64 },
  });
  expect(request).toMatchObject({
    operation: 'text_completion',
    provider: 'ibm.watsonx.ai',
    model: GRANITE,
    isStream: false,
    attributes: { 'gen_ai.request.max_tokens': 64 },
  });
  const text = { generated_text: 'Moon.', generated_token_count: 7, input_token_count: 38 };
  expect(read({ model_id: GRANITE, results: [{ ...text, stop_reason: 'eos_token' }] })).toEqual({
    usageStatus: 'complete',
    usage: COUNTED,
    responseModel: GRANITE,
    finishReasons: ['eos_token'],
  });
  expect(read({}).usageStatus).toBe('missing');
});

it('reads its streams, whose later events say no input', () => {
  const { request, fold } = ask(`${WATSONX}/text/generation_stream`, { model_id: GRANITE, input: 'canary' });
  expect(request.isStream).toBe(true);
  const event = (generated: number, input: number, stop_reason = 'not_finished') => ({
    model_id: GRANITE,
    results: [
      { generated_text: 'a', generated_token_count: generated, input_token_count: input, stop_reason },
    ],
  });
  const events = [event(0, 38), event(3, 0), event(7, 0, 'max_tokens')];
  expect(fold(events)).toMatchObject({
    usageStatus: 'complete',
    usage: COUNTED,
    finishReasons: ['max_tokens'],
  });
  expect(fold(events.slice(0, 2))).toMatchObject({
    usageStatus: 'partial',
    usage: { inputTokens: 38, outputTokens: 3 },
  });
});

it('reads its chats, of models and of deployments', () => {
  const usage = { prompt_tokens: 38, completion_tokens: 7, total_tokens: 45 };
  const whole = ask(`${WATSONX}/text/chat`, { model_id: GRANITE, messages: [] });
  expect(whole.request).toMatchObject({ operation: 'chat', model: GRANITE, isStream: false });
  expect(whole.read({ id: 'chat-1', model_id: GRANITE, choices: [], usage })).toMatchObject({
    usageStatus: 'complete',
    usage: COUNTED,
    responseModel: GRANITE,
  });
  const streamed = ask(`${WATSONX}/deployments/my-model/text/chat_stream`, { messages: [] });
  expect(streamed.request).toMatchObject({ model: 'my-model', isStream: true });
  const chunks = [
    { id: 'chat-1', model_id: GRANITE, choices: [{ index: 0, delta: { content: 'Moon.' } }] },
    { id: 'chat-1', model_id: GRANITE, choices: [], usage },
  ];
  expect(streamed.fold(chunks)).toMatchObject({
    usageStatus: 'complete',
    usage: COUNTED,
    responseModel: GRANITE,
  });
});

it('reads its embeddings and what it reranks, and takes its jobs for work that nobody counts', () => {
  for (const [path, operation] of [
    ['embeddings', 'embeddings'],
    ['rerank', 'rerank'],
  ] as const) {
    const { request, read } = ask(`${WATSONX}/text/${path}`, {
      model_id: 'ibm/slate-125m',
      inputs: ['canary'],
    });
    expect(request).toMatchObject({ operation, model: 'ibm/slate-125m' });
    expect(read({ model_id: 'ibm/slate-125m', results: [], input_token_count: 38 })).toMatchObject({
      usageStatus: 'complete',
      usage: { inputTokens: 38 },
    });
  }
  for (const path of ['text/extractions', 'time_series/forecast', 'fine_tunings'])
    expect(ask(`${WATSONX}/${path}`, {}).read({}).unpriced?.reason).toBe('results_elsewhere');
  expect(findWire(`${WATSONX}/text/tokenization`, 'POST', true)).toBeUndefined();
});

const LLAMA = 'meta-llama/Meta-Llama-3-8B-Instruct';

it("reads what DeepInfra's own API counts, with what it charges", () => {
  const { request, read, fold } = ask(`https://api.deepinfra.com/v1/inference/${LLAMA}`, { input: 'canary' });
  expect(request).toMatchObject({ operation: 'text_completion', provider: 'deepinfra', model: LLAMA });
  const known = { usageStatus: 'complete', usage: { ...COUNTED, providerCostUsd: 0.000021 } };
  const status = {
    status: 'succeeded',
    runtime_ms: 90,
    cost: 0.000021,
    tokens_generated: 7,
    tokens_input: 38,
  };
  expect(
    read({ request_id: 'R1', results: [{ generated_text: 'Moon.' }], inference_status: status }),
  ).toEqual({ ...known, responseId: 'R1' });
  const chunks = [
    // As deepinfra.com/docs/advanced/log_probs has them.
    {
      token: { id: 16_614, text: 'Moon.', logprob: -0.14, special: false },
      generated_text: null,
      details: null,
    },
    // What comes last is shown nowhere.
    { token: { text: '' }, num_input_tokens: 38, num_output_tokens: 7, estimated_cost: 0.000021 },
  ];
  expect(fold(chunks)).toEqual(known);
  expect(fold(chunks.slice(0, 1))).toEqual(EMPTY_RESULT);
});

it('takes an image of DeepInfra for what it cost', () => {
  const { request, read } = ask('https://api.deepinfra.com/v1/inference/black-forest-labs/FLUX-1-dev', {
    prompt: 'canary',
  });
  expect(request).toMatchObject({ operation: 'generate_content', model: 'black-forest-labs/FLUX-1-dev' });
  expect(read({ images: [], inference_status: { status: 'succeeded', cost: 0.009 } })).toEqual({
    usageStatus: 'complete',
    usage: { providerCostUsd: 0.009 },
  });
});

it('reads what ElevenLabs is asked to say, by the characters, and how long it has listened', () => {
  const voice = 'https://api.us.elevenlabs.io/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb';
  for (const path of ['', '/stream', '/stream/with-timestamps']) {
    const { request, read } = ask(voice + path, { text: 'Moon 🌖', model_id: 'eleven_flash_v2_5' });
    expect(request).toMatchObject({ provider: 'elevenlabs', model: 'eleven_flash_v2_5', body: 'bytes' });
    expect(read({}).usage).toEqual({ units: { input_character: 6 } });
  }
  expect(ask(voice, { text: 'Moon' }).request.model).toBe('eleven_multilingual_v2');
  const { request, read } = ask('https://api.elevenlabs.io/v1/speech-to-text', { model_id: 'scribe_v2' });
  expect(request).toMatchObject({ provider: 'elevenlabs', model: 'scribe_v2' });
  expect(read({ text: 'x', audio_duration_secs: 12.5 }).usage).toEqual({ units: { input_audio_ms: 12_500 } });
  const both = { transcripts: [{}, {}], audio_duration_secs: 3 };
  expect(read(both).usage).toEqual({ units: { input_audio_ms: 6_000 } });
  expect(read({ message: 'accepted' }).usageStatus).toBe('missing');
});

it('reads how long Deepgram has listened, by channel and model', () => {
  const { read } = ask('https://api.eu.deepgram.com/v1/listen?model=nova-3-medical', {});
  const model_info = { a: { name: 'medical-nova-3', arch: 'nova-3' } };
  expect(read({ metadata: { duration: 2, model_info }, results: { channels: [{}, {}] } })).toEqual({
    usageStatus: 'complete',
    usage: { units: { input_audio_ms: 4_000 } },
    responseModel: 'nova-3-medical',
  });
  expect(read({ request_id: 'R1' })).toEqual({ usageStatus: 'missing' });
});

it.each([
  'https://api.assemblyai.com/v2/transcript',
  'https://api.elevenlabs.io/v1/sound-generation',
  'https://api.elevenlabs.io/v1/speech-to-speech/JBFqnCBsd6RMkjVDRZzb/stream',
])('counts %s without a price', (url) => {
  expect(findWire(url, 'POST', true)?.readers.name).toBe('unread');
});
