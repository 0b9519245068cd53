/** The safety net: calls to LLM providers that no known SDK makes are recorded from what passes by. */
import type { Script, SinkSpan } from '@costspan/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, runProgram } from './app-run.ts';
import { replyLater } from './net-later-replies.ts';
import { reply } from './net-replies.ts';
import { NODES } from './nodes.ts';

// 176 × 0.15 + 1024 × 0.075 + 40 × 0.6 USD per million.
const CHAT_USD = 0.0001272;

describe.each(NODES)('calls without a known SDK, %s', (_name, node) => {
  let bare: AppRun;
  let recorded: AppRun;
  beforeAll(async () => {
    const script: Script = (request) =>
      replyLater(request) ?? reply(request.headers['x-scenario'] ?? '', request.path, request.body);
    [bare, recorded] = await Promise.all([
      runProgram('net.cjs', [], { hasPreload: false, script, node }),
      runProgram('net.cjs', [], { hasPreload: true, script, node }),
    ]);
  });

  const spansOf = (model: string): SinkSpan[] =>
    recorded.spans.filter((span) => span.attributes['gen_ai.request.model'] === model);
  const only = (scenario: string): SinkSpan['attributes'] => {
    const spans = spansOf(`net/${scenario}`);
    expect(spans.map(({ name }) => name)).toHaveLength(1);
    return spans[0]!.attributes;
  };

  it('give the application what they would give it', () => {
    expect(bare.exitCode).toBe(0);
    expect([...recorded.transcript.values()]).toEqual([...bare.transcript.values()]);
    expect(recorded.exitCode).toBe(0);
  });

  it.each(['fetch-json', 'fetch-request', 'fetch-stream', 'fetch-gzip'])('%s is counted', (scenario) => {
    expect(only(scenario)).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
      'server.address': 'api.openai.com',
      'gen_ai.usage.input_tokens': 1_200,
      'gen_ai.usage.cost.amount': CHAT_USD,
      'costspan.cost.status': 'priced',
    });
  });

  it('counts messages of Anthropic and embeddings over node:http, where they went', () => {
    expect(only('fetch-messages')).toMatchObject({
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.usage.cost.amount': 0.0012,
    });
    expect(only('http-json')).toMatchObject({
      'gen_ai.operation.name': 'embeddings',
      'server.address': 'us.api.openai.com',
      'gen_ai.usage.cost.amount': 0.000024,
    });
  });

  it('counts answers of Gemini, a list of chunks as well', () => {
    const spans = spansOf('gemini-2.5-flash');
    // 1000 × 0.3 + 50 × 2.5 USD per million.
    expect(spans.map(({ attributes }) => attributes['gen_ai.usage.cost.amount'])).toEqual([
      0.000425, 0.000425,
    ]);
  });

  it('counts embeddings and interactions of Gemini, and compacted conversations', () => {
    const usdOf = (model: string) =>
      spansOf(model).map(({ attributes }) => [
        attributes['gen_ai.operation.name'],
        attributes['gen_ai.usage.cost.amount'],
      ]);
    expect(usdOf('gemini-embedding-001')).toEqual([['embeddings', 0.00015]]);
    // 1000 × 0.1 + 50 × 0.4, and 1000 × 0.15 + 50 × 0.6 USD per million.
    expect(usdOf('gemini-2.5-flash-lite')).toContainEqual(['generate_content', 0.00012]);
    expect(only('fetch-compact')).toMatchObject({ 'gen_ai.usage.cost.amount': 0.00018 });
  });

  it('counts chats, streams, embeddings and searches of Cohere', () => {
    const usdOf = ({ attributes }: SinkSpan) => [
      attributes['gen_ai.operation.name'],
      attributes['costspan.usage.status'],
      attributes['gen_ai.usage.cost.amount'],
    ];
    const models = ['command-r7b-12-2024', 'embed-v4.0', 'rerank-v3.5', 'command-r-08-2024'];
    // 1000 × 0.0375 + 200 × 0.15, 1000 × 0.12 and 1000 × 0.15 + 200 × 0.6 USD per million tokens, 2 USD per thousand
    // searches.
    expect(models.flatMap(spansOf).map(usdOf)).toEqual([
      ['chat', 'complete', 0.0000675],
      ['chat', 'complete', 0.0000675],
      ['embeddings', 'complete', 0.00012],
      ['rerank', 'complete', 0.002],
      ['chat', 'complete', 0.00027],
      ['text_completion', 'complete', 0.00027],
    ]);
    // There is no list price for it any more.
    expect(spansOf('embed-english-v3.0').map(usdOf)).toEqual([['generate_content', 'complete', undefined]]);
  });

  it('counts what Bedrock answers, its frames as well', () => {
    const told = spansOf('amazon.nova-lite-v1:0').map(({ attributes }) => [
      attributes['gen_ai.provider.name'],
      attributes['costspan.usage.status'],
      attributes['gen_ai.usage.cost.amount'],
    ]);
    // 1000 × 0.06 + 200 × 0.24 USD per million.
    expect(told).toEqual(Array(4).fill(['aws.bedrock', 'complete', 0.000108]));
  });

  it('counts the agents of Bedrock by their traces, its searches, and what it does not count itself', () => {
    const hosts = /^bedrock(?:-agent-runtime)?\.us-east-1\.amazonaws\.com$/;
    const sent = recorded.spans.filter(({ attributes }) => hosts.test(String(attributes['server.address'])));
    const told = sent.map(({ attributes }) => [
      attributes['gen_ai.operation.name'],
      attributes['gen_ai.usage.cost.amount'] ?? attributes['costspan.cost.reason'],
    ]);
    expect(told).toEqual([
      ['chat', 0.000108],
      ['rerank', 0.002],
      ['chat', 'results_elsewhere'],
      ['generate_content', 'results_elsewhere'],
    ]);
  });

  it('counts by the headers of Bedrock where the body of a vendor counts nothing', () => {
    const told = spansOf('mistral.mistral-7b-instruct-v0:2').map(({ attributes }) => [
      attributes['gen_ai.usage.input_tokens'],
      attributes['gen_ai.usage.output_tokens'],
      attributes['costspan.price.mode'],
      attributes['gen_ai.usage.cost.amount'],
    ]);
    // 1000 × 0.15 + 200 × 0.2 USD per million.
    expect(told).toEqual(Array(2).fill([1_000, 200, 'standard', 0.00019]));
  });

  it('counts the lines of Ollama, whatever its headers call them', () => {
    expect(only('ollama')).toMatchObject({
      'gen_ai.provider.name': 'ollama',
      'gen_ai.usage.input_tokens': 67,
      'gen_ai.usage.output_tokens': 47,
      'gen_ai.response.finish_reasons': ['stop'],
      'costspan.usage.status': 'complete',
      'costspan.cost.status': 'unpriced',
    });
  });

  it('counts each result of a batch once, whoever reads it, at half the price', () => {
    const usdOf = (model: string) =>
      spansOf(model).map(({ attributes }) => [
        attributes['costspan.price.mode'],
        attributes['gen_ai.usage.cost.amount'],
      ]);
    // Half of 1000 × 0.1 + 200 × 0.4, of 1000 × 3 + 200 × 15 and of 1000 × 0.5 + 200 × 1.5 USD per million.
    expect(usdOf('gpt-4.1-nano-2025-04-14')).toEqual(Array(2).fill(['batch', 0.00009]));
    expect(usdOf('claude-sonnet-4-5-20250929')).toEqual(Array(2).fill(['batch', 0.003]));
    expect(usdOf('mistral-large-2512')).toEqual(Array(2).fill(['batch', 0.0004]));
    // Half of 1000 × 0.1 + 200 × 0.4 USD per million: one within its job, two in a file.
    expect(usdOf('gemini-2.5-flash-lite').filter(([mode]) => mode === 'batch')).toEqual(
      Array(3).fill(['batch', 0.00009]),
    );
    // What was charged; a video tells nothing.
    expect(usdOf('grok-4.3')).toEqual(Array(3).fill(['batch', 0.00005]));
    expect(usdOf('grok-imagine-video')).toEqual(Array(2).fill([undefined, undefined]));
    const results = ['gemini-2.5-flash-lite', 'grok-4.3'].flatMap(spansOf);
    const ofNightly = results.filter(({ attributes }) => attributes['costspan.feature'] === 'nightly');
    // All but the interaction.
    expect(ofNightly).toHaveLength(results.length - 1);
  });

  it('counts what the provider’s SDK sends, by its own readers', () => {
    const video = recorded.spans.filter(({ attributes }) => attributes['gen_ai.response.id'] === 'video-1');
    const usd = video.map(({ attributes }) => attributes['gen_ai.usage.cost.amount']);
    // Its order; whoever asks for it pays nothing.
    expect(usd.toSorted()).toEqual([0.4, undefined, undefined]);
    expect(only('moderation')).toMatchObject({ 'gen_ai.operation.name': 'moderate' });
    expect(only('moderation')['costspan.cost.status']).toBeUndefined();
  });

  it('counts what is made in the background once, when it has been asked for', () => {
    const priced = (operation: string) =>
      recorded.spans
        .filter(
          ({ attributes }) =>
            attributes['gen_ai.operation.name'] === operation &&
            String(attributes['gen_ai.response.id']).endsWith('-background'),
        )
        .map(({ attributes }) => attributes['gen_ai.usage.cost.amount']);
    // 1000 × 0.15 + 50 × 0.6 and 1000 × 0.1 + 50 × 0.4 USD per million.
    expect(priced('chat')).toEqual([0.00018]);
    expect(priced('generate_content')).toEqual([0.00012]);
    expect(priced('fetch_response')).toEqual(Array(5).fill(undefined));
  });

  it('counts what Mistral hears by its seconds, what it reads by its pages, and its conversations', () => {
    const usdOf = (model: string) =>
      recorded.spans
        .filter(({ attributes }) => attributes['gen_ai.response.model'] === model)
        .map(({ attributes }) => [
          attributes['gen_ai.provider.name'],
          attributes['error.type'],
          attributes['gen_ai.usage.cost.amount'],
        ]);
    expect(usdOf('voxtral-mini-2602')).toEqual([['mistral_ai', undefined, 0.03]]);
    expect(usdOf('mistral-ocr-2512')).toEqual([['mistral_ai', undefined, 0.006]]);
    // 1000 × 0.4 + 200 × 2 USD per million.
    expect(usdOf('mistral-medium-2508')).toEqual([['mistral_ai', undefined, 0.0008]]);
    expect(spansOf('net/openai-conversation')).toEqual([]);
  });

  it('counts what goes through a gateway, by the provider that its address or the form of its API names', () => {
    expect(only('gateway-provider')).toMatchObject({
      'gen_ai.provider.name': 'anthropic',
      'server.address': 'gateway.ai.cloudflare.com',
      'gen_ai.usage.cost.amount': 0.0012,
    });
    expect(only('gateway-any')).toMatchObject({
      'gen_ai.provider.name': 'openai',
      'server.address': 'ai-gateway.vercel.sh',
      'gen_ai.usage.cost.amount': CHAT_USD,
    });
  });

  it('counts what goes to a host that nobody knows, by its path and what is sent there', () => {
    const told = recorded.spans.filter(
      ({ attributes }) => attributes['server.address'] === 'litellm.internal',
    );
    expect(told.map(({ attributes }) => attributes['gen_ai.request.model'])).toEqual([
      'net/elsewhere',
      undefined,
      'net/elsewhere',
      'net/elsewhere',
      undefined,
    ]);
    expect(told.map(({ attributes }) => attributes['gen_ai.usage.cost.amount'])).toEqual(
      Array(5).fill(CHAT_USD),
    );
    expect(
      recorded.spans.filter(({ attributes }) => attributes['server.address'] === 'shop.example'),
    ).toEqual([]);
    const served = spansOf('net-databricks').map(({ attributes }) => attributes['gen_ai.provider.name']);
    expect(served).toEqual(['databricks']);
  });

  it('counts as a success whoever leaves once he has been told how the answer ended', () => {
    const left = ['net/left-messages', 'net/left-http', 'net/left-responses', 'gemini-2.5-pro'].flatMap(
      spansOf,
    );
    const told = left.map(({ attributes }) => [
      attributes['error.type'],
      attributes['costspan.cost.status'],
      attributes['gen_ai.usage.cost.amount'],
    ]);
    // 1000 × 1 + 40 × 5, 1000 × 0.15 + 50 × 0.6, 1000 × 0.3 + 50 × 2.5 USD per million.
    expect(told).toEqual([
      [undefined, 'priced', 0.0012],
      [undefined, 'priced', 0.0012],
      [undefined, 'priced', 0.00018],
      [undefined, 'priced', 0.000425],
    ]);
  });

  it("counts Deepgram's seconds of sound, and the characters that it reads out", () => {
    const calls = recorded.spans.map(({ attributes }) => attributes);
    const ofDeepgram = calls.filter((call) => call['gen_ai.provider.name'] === 'deepgram');
    // 26 s × 0.00007167 and 23 characters × 0.00003 USD, as one public source has them.
    expect(ofDeepgram).toMatchObject([
      {
        'gen_ai.response.model': 'nova-3',
        'gen_ai.output.type': 'text',
        'costspan.usage.input_audio_ms.units': 26_000,
        'costspan.cost.status': 'estimated',
        'gen_ai.usage.cost.amount': 0.00186342,
      },
      {
        'gen_ai.response.model': 'aura-2-thalia-en',
        'gen_ai.output.type': 'speech',
        'costspan.cost.status': 'estimated',
        'gen_ai.usage.cost.amount': 0.00069,
      },
    ]);
  });

  it('counts an SDK that has no class of its own, without a price where none is known', () => {
    expect(only('huggingface')).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'huggingface',
      'gen_ai.usage.input_tokens': 1_200,
      'costspan.usage.status': 'complete',
      'costspan.cost.status': 'unpriced',
    });
  });

  it('records how calls fail and who broke them off', () => {
    expect(only('fetch-status-429')).toMatchObject({ 'error.type': '429' });
    expect(only('fetch-aborted')).toMatchObject({
      'error.type': 'aborted',
      'costspan.cost.status': 'unpriced',
    });
    // What was never sent nobody has seen: such a call has no model.
    const refused = recorded.spans.filter(
      ({ name, attributes }) =>
        name === 'chat' && !/litellm\.internal|bedrock-agent/.test(String(attributes['server.address'])),
    );
    expect(refused.map(({ attributes }) => attributes['gen_ai.provider.name'])).toEqual(['openai']);
    expect(refused[0]?.attributes['error.type']).toBeDefined();
    expect(only('http-unread')).toMatchObject({ 'error.type': 'aborted' });
  });

  it('counts what it cannot read as unpriced, and says so once for each host', () => {
    const unread = only('not-understood');
    expect(unread).toMatchObject({
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'huggingface',
      'costspan.cost.status': 'unpriced',
      'costspan.cost.reason': 'no_usage',
    });
    expect(unread['gen_ai.usage.cost.amount']).toBeUndefined();
    const prediction = only('replicate');
    expect(prediction).toMatchObject({
      'gen_ai.provider.name': 'replicate',
      'costspan.cost.reason': 'no_usage',
    });
    const job = spansOf('net/not-understood-batch').map(
      ({ attributes }) => attributes['gen_ai.provider.name'],
    );
    expect(job).toEqual(['gcp.vertex_ai']);
    expect(only('unstated')).toMatchObject({ 'costspan.cost.reason': 'results_elsewhere' });
    expect(recorded.stderr.match(/COSTSPAN_UNREAD_CALL/g)).toHaveLength(3);
  });

  it('knows watsonx.ai on a cluster of one’s own', () => {
    expect(only('watsonx')).toMatchObject({
      'gen_ai.provider.name': 'ibm.watsonx.ai',
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 5,
      'costspan.cost.status': 'unpriced',
    });
  });

  it('reads what a form asks for, before and behind its files', () => {
    expect(only('written-form')).toMatchObject({
      'gen_ai.operation.name': 'generate_content',
      'costspan.usage.status': 'complete',
      'gen_ai.usage.input_tokens': 40,
    });
  });

  it('leaves alone what is no model’s, and what a patched SDK sent', () => {
    expect(spansOf('net/not-a-provider')).toEqual([]);
    expect(spansOf('net/sdk')).toHaveLength(1);
    expect(recorded.spans).toHaveLength(83);
    expect(JSON.stringify(recorded.spans)).not.toMatch(/canary/i);
  });
});

it('leaves hosts that nobody knows alone where it is told to', async () => {
  const script: Script = (request) =>
    replyLater(request) ?? reply(request.headers['x-scenario'] ?? '', request.path, request.body);
  const env = { COSTSPAN_UNKNOWN_HOSTS: 'false' };
  const { spans } = await runProgram('net.cjs', [], { hasPreload: true, script, env });
  const hosts = spans.map(({ attributes }) => attributes['server.address']);
  expect(hosts).toContain('api.openai.com');
  expect(hosts).not.toContain('litellm.internal');
});
