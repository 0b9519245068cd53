'use strict';
// An application that calls LLM providers without an SDK that costspan knows. The hosts are the real ones; their names
// lead to the stand-in.

const http = require('node:http');
const net = require('node:net');
const { withFeature } = require('@costspan/api');
const { port } = require('./hosts.cjs');
const { attempt, describe, sleep } = require('./observe.cjs');

const at = (host, path) => `http://${host}:${port}${path}`;

const init = (scenario, body, more) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-scenario': scenario, authorization: 'Bearer canary-key' },
  body: JSON.stringify(body),
  ...more,
});
const OPENAI = 'api.openai.com';
const question = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];

/** What a provider keeps, as JSON where it is a whole of it. */
async function read(name, url) {
  const text = await (await fetch(url, { headers: { 'x-scenario': name } })).text();
  return /"(?:custom_id|key)"/.test(text) ? text : JSON.parse(text);
}

/** Asks where there is a body to send, else reads. */
const readOverHttp = (name, url, body) =>
  new Promise((resolve) => {
    const { method, headers } = body === undefined ? { headers: { 'x-scenario': name } } : init(name);
    const request = http.request(url, { method, headers }, (response) => {
      let text = '';
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(describe(text)));
    });
    request.end(JSON.stringify(body));
  });

/** Sends a body piece by piece, without its length. */
const writeOverHttp = (name, url, parts, type = 'application/json') =>
  new Promise((resolve) => {
    const headers = { 'x-scenario': name, 'content-type': type };
    const request = http.request(url, { method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(describe(text)));
    });
    for (const part of parts) request.write(part);
    request.end();
  });

/** Reads a stream until it is told how the answer ended; the connection would stay open. */
async function leaveAt(mark, url, name) {
  const response = await fetch(url, init(name, { model: name, stream: true }));
  const reader = response.body.getReader();
  let text = '';
  while (!text.includes(mark)) text += Buffer.from((await reader.read()).value).toString();
  await reader.cancel();
  return describe(text);
}

/** A port that nothing listens on any more. */
const findClosedPort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });

const scenarios = {
  'fetch-json': async (name) => {
    const response = await fetch(
      at(OPENAI, '/v1/chat/completions'),
      init(name, { model: name, messages: question }),
    );
    return { status: response.status, body: describe(await response.json()) };
  },
  'fetch-request': async (name) => {
    const request = new Request(
      at(OPENAI, '/v1/chat/completions'),
      init(name, { model: name, messages: question }),
    );
    return describe(await (await fetch(request)).text());
  },
  'fetch-stream': async (name) => {
    const body = { model: name, messages: question, stream: true, stream_options: { include_usage: true } };
    const response = await fetch(at(OPENAI, '/v1/chat/completions'), init(name, body));
    let text = '';
    for await (const part of response.body) text += Buffer.from(part).toString();
    return describe(text);
  },
  'fetch-gzip': async (name) => {
    const response = await fetch(
      at(OPENAI, '/v1/chat/completions'),
      init(name, { model: name, messages: question }),
    );
    return describe(await response.json());
  },
  'fetch-messages': async (name) => {
    const body = { model: name, max_tokens: 64, messages: question, stream: true };
    return describe(await (await fetch(at('api.anthropic.com', '/v1/messages'), init(name, body))).text());
  },
  'fetch-status-429': async (name) => {
    const response = await fetch(
      at(OPENAI, '/v1/chat/completions'),
      init(name, { model: name, messages: question }),
    );
    return { status: response.status, body: describe(await response.text()) };
  },
  'fetch-aborted': async (name) => {
    const controller = new AbortController();
    const more = { signal: controller.signal };
    const body = { model: name, messages: question, stream: true };
    const response = await fetch(at(OPENAI, '/v1/chat/completions'), init(name, body, more));
    return attempt(async () => {
      for await (const _part of response.body) controller.abort();
    });
  },
  'batch-openai': async (name) => {
    const submitted = await fetch(at(OPENAI, '/v1/batches'), init(name, { input_file_id: 'file-1' }));
    const { output_file_id: file } = await read(
      name,
      at(OPENAI, `/v1/batches/${(await submitted.json()).id}`),
    );
    const url = at(OPENAI, `/v1/files/${file}/content`);
    return [describe(await read(name, url)), await readOverHttp(name, url)];
  },
  'batch-anthropic': async (name) =>
    describe(await read(name, at('api.anthropic.com', '/v1/messages/batches/batch-1/results'))),
  'batch-mistral': async (name) => {
    const jobs = at('api.mistral.ai', '/v1/batch/jobs');
    const { id } = await (await fetch(jobs, init(name, { input_files: ['file-1'] }))).json();
    const { output_file: file } = await read(name, `${jobs}/${id}`);
    return describe(await read(name, at('api.mistral.ai', `/v1/files/${file}/content`)));
  },
  'batch-gemini': async (name) => {
    const gemini = (path) => at('generativelanguage.googleapis.com', path);
    const sent = init(name, { batch: { input_config: { file_name: 'files/input-1' } } });
    const jobs = gemini('/v1beta/models/gemini-2.5-flash-lite:batchGenerateContent');
    await withFeature('nightly', () => fetch(jobs, sent));
    const state = gemini('/v1beta/batches/gemini-1');
    const file = gemini('/download/v1beta/files/results-1:download?alt=media');
    const states = [await read(name, state), await read(name, state)];
    return [...states.map(describe), describe(await read(name, file)), await readOverHttp(name, file)];
  },
  // Its pages are read again, in pages of another size.
  'batch-xai': async (name) => {
    const batches = at('api.x.ai', '/v1/batches');
    const submitted = await withFeature('nightly', () => fetch(batches, init(name, { name: 'nightly' })));
    const { batch_id: id } = await submitted.json();
    const pages = ['?limit=2', '?limit=2&pagination_token=2', '?limit=3'];
    const seen = [];
    for (const page of pages) seen.push(describe(await read(name, `${batches}/${id}/results${page}`)));
    // Its address is none that the SDK knows.
    const { OpenAI } = require('openai-7');
    const baseURL = at('api.x.ai', '/v1');
    const client = new OpenAI({ apiKey: 'canary-key', baseURL, defaultHeaders: { 'x-scenario': name } });
    const other = await withFeature('nightly', () => client.batches.create({ input_file_id: 'file-1' }));
    seen.push(describe(await client.get(`/batches/${other.batch_id}/results?limit=3`)));
    return seen;
  },
  background: async (name) => {
    const url = at(OPENAI, '/v1/responses');
    const { id } = await (await fetch(url, init(name, { model: name, background: true }))).json();
    const polled = [await read(name, `${url}/${id}`), await read(name, `${url}/${id}`)];
    return [...polled.map(describe), await readOverHttp(name, `${url}/${id}`)];
  },
  'background-interaction': async (name) => {
    const url = at('generativelanguage.googleapis.com', '/v1beta/interactions');
    const { id } = await (await fetch(url, init(name, { model: name, background: true }))).json();
    return [await read(name, `${url}/${id}`), await read(name, `${url}/${id}`)].map(describe);
  },
  'mistral-conversation': (name) =>
    leaveAt('conversation.response.done', at('api.mistral.ai', '/v1/conversations/conversation-1'), name),
  'mistral-ocr': async (name) =>
    describe(await (await fetch(at('api.mistral.ai', '/v1/ocr'), init(name, { model: name }))).json()),
  'openai-conversation': async (name) =>
    describe(await (await fetch(at(OPENAI, '/v1/conversations'), init(name, { items: [] }))).json()),
  'other-file': async (name) => describe(await read(name, at(OPENAI, '/v1/files/file-other/content'))),
  transcription: async (name) => {
    const body = new FormData();
    body.append('file', new Blob(['canary-file']), 'moon.mp3');
    const url = at('api.mistral.ai', '/v1/audio/transcriptions');
    const sent = { method: 'POST', headers: { 'x-scenario': name }, body };
    return describe(await (await fetch(url, sent)).json());
  },
  // The length of the whole is not known when it is sent, and the file is larger than what is kept of a request.
  'written-form': (name) => {
    const url = at(OPENAI, '/v1/images/edits');
    const parts = [
      '--b\r\nContent-Disposition: form-data; name="image"; filename="moon.png"\r\n\r\n',
      ...Array(40).fill(Buffer.alloc(65_536, 'x')),
      `\r\n--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n${name}\r\n--b--\r\n`,
    ];
    return writeOverHttp(name, url, parts, 'multipart/form-data; boundary=b');
  },
  'gateway-provider': async (name) => {
    const url = at('gateway.ai.cloudflare.com', '/v1/a1b2/main/anthropic/v1/messages');
    return describe(await (await fetch(url, init(name, { model: name, max_tokens: 64 }))).json());
  },
  'gateway-any': async (name) => {
    const url = at('ai-gateway.vercel.sh', '/v1/chat/completions');
    return describe(await (await fetch(url, init(name, { model: name, messages: question }))).json());
  },
  'left-messages': (name) => leaveAt('"message_stop"', at('api.anthropic.com', '/v1/messages'), name),
  'left-responses': (name) => leaveAt('"response.completed"', at(OPENAI, '/v1/responses'), name),
  'left-gemini': (name) => {
    const path = '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse';
    return leaveAt('"finishReason"', at('generativelanguage.googleapis.com', path), name);
  },
  'left-http': (name) =>
    new Promise((resolve) => {
      const { body, ...options } = init(name, { model: name, stream: true });
      const request = http.request(at('api.anthropic.com', '/v1/messages'), options, (response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
          if (text.includes('"message_stop"')) response.destroy();
        });
        response.on('close', () => resolve(describe(text)));
      });
      request.end(body);
    }),
  'fetch-refused': (name) =>
    attempt(async () => {
      const url = `http://api.openai.com:${await findClosedPort()}/v1/chat/completions`;
      await fetch(url, init(name, { model: name })).catch((error) => {
        // The port differs from run to run.
        throw new Error(error.cause?.code);
      });
    }),
  'http-json': (name) =>
    new Promise((resolve) => {
      const { body, ...options } = init(name, { model: name, input: ['canary-prompt: moon'] });
      const request = http.request(at('us.api.openai.com', '/v1/embeddings'), options, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () =>
          resolve({ keys: Object.keys(response), body: describe(Buffer.concat(parts).toString()) }),
        );
      });
      request.end(body);
    }),
  'http-unread': (name) =>
    new Promise((resolve) => {
      const { body, ...options } = init(name, { model: name, messages: question });
      const request = http.request(at(OPENAI, '/v1/chat/completions'), options, (response) => {
        response.destroy();
        response.on('close', () => resolve('left'));
      });
      request.end(body);
    }),
  'not-understood': async (name) => {
    const url = at('router.huggingface.co', '/hf-inference/models/summarizer');
    return describe(await (await fetch(url, init(name, { model: name, inputs: [] }))).json());
  },
  cohere: async (name) => {
    const ask = async (path, body) =>
      describe(await (await fetch(at('api.cohere.com', path), init(name, body))).text());
    const chat = { model: 'command-r7b-12-2024', messages: question };
    return [
      await ask('/v2/chat', chat),
      await ask('/v2/chat', { ...chat, stream: true }),
      await ask('/v2/embed', { model: 'embed-v4.0', texts: ['canary-prompt'] }),
      await ask('/v2/rerank', { model: 'rerank-v3.5', query: 'canary-prompt', documents: [] }),
      await ask('/v1/chat', { model: 'command-r-08-2024', message: 'canary-prompt', stream: true }),
      await ask('/v1/generate', { model: 'command-r-08-2024', prompt: 'canary-prompt', stream: true }),
      await ask('/v1/classify', { model: 'embed-english-v3.0', inputs: ['canary-prompt'] }),
    ];
  },
  // An API key of Bedrock needs no SDK; the name of a model has a colon.
  bedrock: async (name) => {
    const ask = async (action) => {
      const path = `/model/${encodeURIComponent('amazon.nova-lite-v1:0')}/${action}`;
      const url = at('bedrock-runtime.us-east-1.amazonaws.com', path);
      return describe(await (await fetch(url, init(name, { messages: [] }))).text());
    };
    return [
      await ask('converse'),
      await ask('converse-stream'),
      await ask('invoke'),
      await ask('invoke-with-response-stream'),
    ];
  },
  // Bedrock's agents, knowledge bases and batches.
  'bedrock-agents': async (name) => {
    const ask = async (host, path, body) =>
      describe(await (await fetch(at(`${host}.us-east-1.amazonaws.com`, path), init(name, body))).text());
    const sources = [{ type: 'INLINE' }];
    const modelConfiguration = { modelArn: 'cohere.rerank-v3-5:0' };
    return [
      await ask('bedrock-agent-runtime', '/agents/a-1/agentAliases/b-1/sessions/c-1/text', {
        enableTrace: true,
      }),
      await ask('bedrock-agent-runtime', '/rerank', {
        queries: [{ type: 'TEXT' }],
        sources,
        rerankingConfiguration: { bedrockRerankingConfiguration: { modelConfiguration } },
      }),
      await ask('bedrock-agent-runtime', '/retrieveAndGenerate', { input: {} }),
      await ask('bedrock', '/model-invocation-job', { modelId: name }),
    ];
  },
  // Mistral's answers do not count.
  'bedrock-headers': async (name) => {
    const path = `/model/${encodeURIComponent('mistral.mistral-7b-instruct-v0:2')}/invoke`;
    const url = at('bedrock-runtime.us-east-1.amazonaws.com', path);
    const body = { prompt: 'canary-prompt', max_tokens: 64 };
    return [describe(await (await fetch(url, init(name, body))).text()), await readOverHttp(name, url, body)];
  },
  // Who does not say how gets a stream.
  ollama: async (name) =>
    describe(await (await fetch(at('ollama.com', '/api/chat'), init(name, { model: name }))).text()),
  'fetch-gemini': async (name) => {
    const path = '/v1beta/models/gemini-2.5-flash:generateContent';
    const url = at('generativelanguage.googleapis.com', path);
    return describe(await (await fetch(url, init(name, { contents: [] }))).json());
  },
  'fetch-gemini-list': async (name) => {
    const path = '/v1beta/models/gemini-2.5-flash:streamGenerateContent';
    const url = at('generativelanguage.googleapis.com', path);
    return describe(await (await fetch(url, init(name, { contents: [] }))).text());
  },
  'fetch-gemini-embeddings': async (name) => {
    const path = '/v1beta/models/gemini-embedding-001:batchEmbedContents';
    const url = at('generativelanguage.googleapis.com', path);
    return describe(await (await fetch(url, init(name, { requests: [] }))).json());
  },
  'fetch-interaction': async (name) => {
    const url = at('generativelanguage.googleapis.com', '/v1beta/interactions');
    return describe(
      await (await fetch(url, init(name, { model: 'gemini-2.5-flash-lite', input: 'canary-prompt' }))).json(),
    );
  },
  'fetch-compact': async (name) =>
    describe(
      await (await fetch(at(OPENAI, '/v1/responses/compact'), init(name, { model: name, input: [] }))).json(),
    ),
  'not-understood-batch': async (name) => {
    const path = '/v1/projects/p/locations/us-central1/batchPredictionJobs';
    const url = at('us-central1-aiplatform.googleapis.com', path);
    return describe(await (await fetch(url, init(name, { model: name }))).json());
  },
  // What the SDK of a provider sends is read without it, too.
  video: async (name) => {
    const url = at(OPENAI, '/v1/videos');
    const { id } = await (await fetch(url, init(name, { model: name, seconds: '4' }))).json();
    return [await read(name, `${url}/${id}`), await read(name, `${url}/${id}`)].map(describe);
  },
  moderation: async (name) =>
    describe(
      await (
        await fetch(at(OPENAI, '/v1/moderations'), init(name, { model: name, input: 'canary-prompt' }))
      ).json(),
    ),
  unstated: async (name) =>
    describe(await (await fetch(at('api.cohere.com', '/v1/embed-jobs'), init(name, { model: name }))).json()),
  'not-a-model': async (name) =>
    describe(await (await fetch(at(OPENAI, '/v1/vector_stores'), init(name, {}))).text()),
  // An SDK without classes to patch: what it sends passes by like any other request.
  huggingface: async (name) => {
    const { InferenceClient } = require('huggingface-4');
    const client = new InferenceClient('hf_canary-key', {
      fetch: (url, { headers, ...more }) => {
        const sent = { ...headers, 'x-scenario': name };
        return fetch(at('router.huggingface.co', new URL(url).pathname), { ...more, headers: sent });
      },
    });
    return describe(await client.chatCompletion({ model: name, messages: question }));
  },
  deepgram: async (name) => {
    const { DeepgramClient } = require('deepgram-5');
    const base = at('api.deepgram.com', '');
    const client = new DeepgramClient({ apiKey: 'canary-key', environment: { base } });
    const options = { headers: { 'x-scenario': name } };
    const heard = await client.listen.v1.media.transcribeFile(Buffer.alloc(64), { model: 'nova-3' }, options);
    const read = { text: 'canary-prompt: the moon', model: 'aura-2-thalia-en' };
    const spoken = await client.speak.v1.audio.generate(read, options);
    return [describe(heard), Buffer.from(await spoken.arrayBuffer()).toString('hex')];
  },
  // Billed by the seconds of a machine that no answer names.
  replicate: async (name) => {
    const Replicate = require('replicate-1');
    const client = new Replicate({
      auth: 'canary-key',
      baseUrl: at('api.replicate.com', '/v1'),
      fetch: (url, { headers, ...more }) =>
        fetch(url, { ...more, headers: { ...headers, 'x-scenario': name } }),
    });
    return describe(await client.run(name, { input: { prompt: 'canary-prompt: the moon' } }));
  },
  // A proxy of one's own: its name says nothing, the path and what is sent there do.
  elsewhere: async (name) => {
    const litellm = at('litellm.internal', '/v1');
    const ask = async (url, body) => describe(await (await fetch(url, init(name, body))).text());
    return [
      await ask(`${litellm}/chat/completions`, { model: name, messages: question }),
      await ask(`${litellm}/chat/completions`, {
        model: name,
        messages: question,
        pad: ' '.repeat(1_100_000),
      }),
      await readOverHttp(name, `${litellm}/chat/completions?v=1`, { model: name, messages: question }),
      await writeOverHttp(name, `${litellm}/chat/completions`, [
        '{"model":',
        `${JSON.stringify(name)},"messages":${JSON.stringify(question)}}`,
      ]),
      await ask(at('litellm.internal', '/openai/deployments/d/chat/completions'), { messages: question }),
    ];
  },
  // On a cluster of one's own: its paths alone say what it is.
  watsonx: async (name) => {
    const url = at('cpd.internal', '/ml/v1/text/generation?version=2026-01-01');
    return describe(
      await (await fetch(url, init(name, { model_id: name, input: 'canary-prompt: the moon' }))).json(),
    );
  },
  // Another's service of the same path.
  'not-a-provider': async (name) => {
    const ask = async (path, body) =>
      describe(await (await fetch(at('shop.example', path), init(name, body))).text());
    return [
      await ask('/v1/chat/completions', { model: name }),
      await ask('/v1/messages', { to: name, text: 'canary-prompt' }),
      await ask('/v1/ocr', { model: name, input: 'canary-prompt' }),
    ];
  },
  databricks: async (name) => {
    const url = (served) => at('adb-1.7.azuredatabricks.net', `/serving-endpoints/${served}/invocations`);
    const ask = async (served, body) => describe(await (await fetch(url(served), init(name, body))).text());
    return [await ask(name.replace('/', '-'), { messages: question }), await ask('tree', { inputs: [[1]] })];
  },
  sdk: async (name) => {
    const { OpenAI } = require('openai-7');
    const client = new OpenAI({
      apiKey: 'canary-key',
      baseURL: at(OPENAI, '/v1'),
      defaultHeaders: { 'x-scenario': name },
    });
    return describe(await client.chat.completions.create({ model: name, messages: question }));
  },
};

async function main() {
  for (const [name, act] of Object.entries(scenarios)) {
    const observed = await attempt(() => act(`net/${name}`));
    console.log(JSON.stringify({ scenario: name, observed }));
    await sleep(5);
  }
  await sleep(250);
  process.exit(0);
}

void main();
