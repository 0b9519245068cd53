// The SDK under test with canned answers: its `fetch` option returns them without a socket, so that what is left is
// the SDK's own work and what an instrumentation adds to it.
const SDKS = {
  openai: {
    module: 'openai',
    className: 'OpenAI',
    request: {
      model: 'gpt-5-mini',
      max_completion_tokens: 100,
      messages: [{ role: 'user', content: 'Hello' }],
    },
    send: (client, request) => client.chat.completions.create(request),
    body: {
      id: 'chatcmpl-bench',
      object: 'chat.completion',
      created: 1_780_000_000,
      model: 'gpt-5-mini-2025-08-07',
      service_tier: 'default',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          message: { role: 'assistant', content: 'Hello, how can I help?', refusal: null },
        },
      ],
      usage: {
        prompt_tokens: 1200,
        completion_tokens: 80,
        total_tokens: 1280,
        prompt_tokens_details: { cached_tokens: 128, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
      },
    },
  },
  anthropic: {
    module: '@anthropic-ai/sdk',
    className: 'Anthropic',
    request: { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] },
    send: (client, request) => client.messages.create(request),
    body: {
      id: 'msg_bench',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      content: [{ type: 'text', text: 'Hello, how can I help?' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 1072,
        cache_read_input_tokens: 128,
        cache_creation_input_tokens: 0,
        output_tokens: 80,
      },
    },
  },
};
SDKS['openai-7'] = { ...SDKS.openai, module: 'openai-7' };

const sdk = SDKS[process.env.BENCH_SDK ?? 'openai'];
const JSON_TEXT = JSON.stringify(sdk.body);

exports.loadSdk = () => require(sdk.module)[sdk.className];

exports.createClient = (fetch = answer) => new (exports.loadSdk())({ apiKey: 'none', maxRetries: 0, fetch });

async function answer() {
  return new Response(JSON_TEXT, { status: 200, headers: { 'content-type': 'application/json' } });
}

/** One call, not streamed, inside a span by hand where the variant has one. */
exports.call = (client) => {
  const { request, send } = sdk;
  const { benchSpan } = globalThis;
  return benchSpan === undefined
    ? send(client, request)
    : benchSpan.call(request, () => send(client, request));
};

/** An OpenAI chat stream of `count` chunks and one with the usage, each its own read of the socket's. */
exports.answerStream = (count) => {
  const { id, model, usage } = sdk.body;
  const event = (fields) =>
    Buffer.from(
      `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: 1, model, ...fields })}\n\n`,
    );
  const delta = event({
    choices: [{ index: 0, delta: { content: ' token' }, finish_reason: null }],
    usage: null,
  });
  const tail = [
    event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }),
    event({ choices: [], usage }),
    Buffer.from('data: [DONE]\n\n'),
  ];
  return async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        const chunk = sent < count ? delta : tail[sent - count];
        sent += 1;
        // A view of its own each time, as a socket would hand it out.
        if (chunk === undefined) controller.close();
        else controller.enqueue(new Uint8Array(chunk));
      },
    });
    return new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } });
  };
};

/** Starts one stream that the application itself asks for usage, so that every variant sees the same chunks. */
exports.openStream = (client) => {
  const request = { ...sdk.request, stream: true, stream_options: { include_usage: true } };
  const send = () => sdk.send(client, request);
  const { benchSpan } = globalThis;
  return benchSpan === undefined ? send() : benchSpan.stream(request, send);
};
