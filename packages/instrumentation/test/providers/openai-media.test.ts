import { createPricer, type Usage } from '@costspan/pricing';
import { describe, expect, it } from 'vitest';
import { type CallRequest, type CallResult, EMPTY_RESULT, type Endpoint } from '../../src/provider.ts';
import { speech, transcriptions, translations } from '../../src/providers/openai/audio.ts';
import { filesContent } from '../../src/providers/openai/batches.ts';
import { imagesEdit, imagesGenerate, imagesVariation } from '../../src/providers/openai/images.ts';
import { fineTuning, fineTuningRetrieve, videos, videosRetrieve } from '../../src/providers/openai/jobs.ts';
import { foldEveryCut } from './recordings.ts';

const CLIENT = { baseUrl: 'https://api.openai.com/v1', classNames: ['OpenAI'] };
const request = (endpoint: Endpoint, body: unknown = {}, path = ''): CallRequest =>
  endpoint.readRequest({ path, body, client: CLIENT });
const read = (endpoint: Endpoint, asked: unknown, answer: unknown): CallResult =>
  endpoint.readResponse(answer, request(endpoint, asked));

/** USD of a usage at list price; the reason where there is none. */
function costOf(usage: Usage | undefined, model: string) {
  const cost = createPricer().price(usage, { provider: 'openai', model, atMs: Date.parse('2026-11-27') });
  return cost.status === 'unpriced' ? cost.reason : `${cost.status} ${cost.amountPicoUsd / 1e12}`;
}

describe('images', () => {
  it('are billed by tokens where the answer states them', () => {
    const usage = {
      input_tokens: 221,
      input_tokens_details: { image_tokens: 194, text_tokens: 27 },
      output_tokens: 272,
      output_tokens_details: { image_tokens: 272, text_tokens: 0 },
      total_tokens: 493,
    };
    const { usage: counted } = read(imagesEdit, { model: 'gpt-image-1.5' }, { data: [{}], usage });
    expect(counted).toEqual({
      inputTokens: 221,
      outputTokens: 272,
      input: { text: 27, image: 194 },
      output: { text: 0, image: 272 },
    });
    // 27 × 5 + 194 × 8 + 272 × 32 USD per million.
    expect(costOf(counted, 'gpt-image-1.5')).toBe('priced 0.010391');
  });

  it('are billed by the image where it does not, by quality and size', () => {
    const asked = { model: 'dall-e-3', quality: 'hd', size: '1024x1792' };
    const { usage, responseModel } = read(imagesGenerate, asked, { data: [{}, {}] });
    // The model that was asked for has drawn them.
    expect(responseModel).toBeUndefined();
    expect(usage).toEqual({ units: { output_image: 2 }, unitVariant: 'hd 1024x1792' });
    expect(costOf(usage, 'dall-e-3')).toBe('priced 0.24');
    const variation = read(imagesVariation, { n: 3 }, { data: [{}, {}, {}] });
    expect(variation.responseModel).toBe('dall-e-2');
    expect(costOf(variation.usage, 'dall-e-2')).toBe('priced 0.06');
  });

  it('add the model that wrote a vector image', () => {
    const body = {
      data: [{}],
      usage: { input_tokens: 10, output_tokens: 20, total_tokens: 30 },
      svg_usage: {
        input_tokens: 100,
        output_tokens: 50,
        reasoning_tokens: 5,
        total_tokens: 150,
        model: 'gpt-5',
      },
    };
    expect(read(imagesGenerate, { model: 'gpt-image-2' }, body).usage?.nested).toEqual([
      { model: 'gpt-5', usage: { inputTokens: 100, outputTokens: 50, reasoningOutputTokens: 5 } },
    ]);
  });

  it('say in the last event of a stream what they used', () => {
    const usage = { input_tokens: 10, output_tokens: 20, total_tokens: 30 };
    const events = [
      { type: 'image_generation.partial_image', b64_json: 'x' },
      { type: 'image_generation.completed', b64_json: 'x', usage },
    ];
    const results = foldEveryCut(imagesGenerate, events, request(imagesGenerate, { stream: true }));
    expect(results.map(({ usageStatus }) => usageStatus)).toEqual(['missing', 'missing', 'complete']);
  });
});

describe('recordings', () => {
  it('are billed by tokens or by their length', () => {
    const tokens = {
      type: 'tokens',
      input_tokens: 37,
      input_token_details: { text_tokens: 0, audio_tokens: 37 },
      output_tokens: 144,
      total_tokens: 181,
    };
    const byTokens = read(transcriptions, {}, { text: 'a', duration: 3.7, usage: tokens });
    expect(byTokens.usage).toEqual({ inputTokens: 37, outputTokens: 144, input: { text: 0, audio: 37 } });
    // 37 × 6 + 144 × 10 USD per million.
    expect(costOf(byTokens.usage, 'gpt-4o-transcribe-diarize')).toBe('priced 0.001662');
    const byLength = read(transcriptions, {}, { text: 'a', usage: { type: 'duration', seconds: 60 } });
    expect(costOf(byLength.usage, 'whisper-1')).toBe('priced 0.006');
  });

  it('are billed by the length that a verbose answer states, and by nothing where none does', () => {
    const verbose = read(translations, {}, { text: 'a', duration: '12.5' });
    expect(verbose.usage).toEqual({ units: { input_audio_ms: 12_500 } });
    expect(read(translations, {}, { text: 'a' })).toEqual({ usageStatus: 'missing' });
    expect(read(translations, {}, '1\n00:00:00 --> 00:00:02')).toEqual({ usageStatus: 'missing' });
  });
});

describe('speech', () => {
  it('is billed by the characters that are read out, where the model is', () => {
    const asked = { model: 'tts-1', input: 'Mond 🌙' };
    const { usage } = read(speech, asked, undefined);
    expect(usage).toEqual({ units: { input_character: 6 } });
    expect(costOf(usage, 'tts-1')).toBe('priced 0.00009');
    expect(costOf(usage, 'gpt-4o-mini-tts')).toBe('no_rate_for_unit');
  });

  it('says its tokens in a stream of events', () => {
    const asked = request(speech, { model: 'gpt-4o-mini-tts', input: 'a', stream_format: 'sse' });
    const usage = { input_tokens: 10, output_tokens: 100, total_tokens: 110 };
    const done = speech.readChunk!(EMPTY_RESULT, { type: 'speech.audio.done', usage }, asked);
    expect({ format: asked.body, usage: done.usage }).toEqual({
      format: 'events',
      usage: { inputTokens: 10, outputTokens: 100 },
    });
  });
});

describe('work that goes on at the provider', () => {
  it('is a video by the second, billed when it is done', () => {
    const queued = read(
      videos,
      {},
      { id: 'v', status: 'queued', model: 'sora-2-pro', seconds: '8', size: '1024x1792' },
    );
    expect([videos.isPending!(queued), queued.usageStatus]).toEqual([true, 'partial']);
    const done = read(videosRetrieve, {}, { id: 'v', status: 'completed', seconds: '8', size: '1024x1792' });
    expect([videosRetrieve.isPending!(done), done.usageStatus]).toEqual([false, 'complete']);
    expect(costOf(done.usage, 'sora-2-pro')).toBe('priced 4');
    const failed = read(
      videosRetrieve,
      {},
      { id: 'v', status: 'failed', seconds: '8', error: { code: 'moderation' } },
    );
    expect([failed.errorType, costOf(failed.usage, 'sora-2')]).toEqual(['moderation', 'priced 0']);
  });

  it('is a model by the tokens that it was trained on', () => {
    const running = read(fineTuning, {}, { id: 'j', status: 'validating_files', trained_tokens: null });
    expect([fineTuning.isPending!(running), running.usage]).toEqual([true, undefined]);
    const done = read(fineTuningRetrieve, {}, { id: 'j', status: 'succeeded', trained_tokens: 1_000_000 });
    expect(costOf(done.usage, 'gpt-4o-mini-2024-07-18')).toBe('priced 3');
  });
});

describe('results of a batch', () => {
  const reading = request(filesContent, undefined, '/files/file-1/content');
  const result = (body: unknown) =>
    filesContent.readResult!({ custom_id: 'c', response: { status_code: 200, body } }, reading);

  it('are calls of every kind', () => {
    expect(reading).toMatchObject({ results: 'file-1', body: 'lines', isRecorded: false });
    const chat = result({
      id: 'c',
      object: 'chat.completion',
      model: 'gpt-4o-mini',
      choices: [{ index: 0, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      service_tier: 'default',
    });
    expect(chat?.request).toMatchObject({ operation: 'chat', model: 'gpt-4o-mini', provider: 'openai' });
    expect(chat?.result).toMatchObject({ mode: 'batch', usageStatus: 'complete', responseId: 'c' });
    const response = result({
      id: 'r',
      object: 'response',
      status: 'completed',
      model: 'gpt-5-nano',
      usage: { input_tokens: 18, output_tokens: 112, output_tokens_details: { reasoning_tokens: 64 } },
    });
    expect(response?.result).toMatchObject({ mode: 'batch', usage: { reasoningOutputTokens: 64 } });
    const vectors = result({ object: 'list', model: 'text-embedding-3-small', usage: { prompt_tokens: 7 } });
    expect(vectors?.request.operation).toBe('embeddings');
    expect(vectors?.result.usage).toEqual({ inputTokens: 7 });
  });

  it('are nothing where the call failed or nothing is billed', () => {
    expect(result({ error: { message: 'no' } })).toBeUndefined();
    expect(filesContent.readResult!({ custom_id: 'c', response: null, error: {} }, reading)).toBeUndefined();
    expect(result({ id: 'modr-1', model: 'omni-moderation-latest', results: [] })).toBeUndefined();
  });
});
