/** What the stand-in answers to those who ask for it later: batches, and what is made in the background. */
import type { ProviderRequest, Reply } from '@costspan/testkit';

const json = (body: object): Reply => ({ kind: 'bytes', chunks: [JSON.stringify(body)] });

const GEMINI = 'gemini-2.5-flash-lite';
const generated = (id: string) => ({
  candidates: [{ content: { parts: [{ text: 'Canary-completion.' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 1_000, candidatesTokenCount: 200, totalTokenCount: 1_200 },
  modelVersion: GEMINI,
  responseId: `generated-${id}`,
});
const GEMINI_JOB = { name: 'batches/gemini-1', metadata: { model: `models/${GEMINI}`, state: 'PENDING' } };
/** Of both kinds: within the job, and in a file. */
const GEMINI_OUTPUT = {
  responsesFile: 'files/results-1',
  inlinedResponses: { inlinedResponses: [{ response: generated('1') }, { error: { code: 13 } }] },
};
const GEMINI_DONE = {
  ...GEMINI_JOB,
  done: true,
  metadata: { ...GEMINI_JOB.metadata, state: 'SUCCEEDED', output: GEMINI_OUTPUT },
  response: { ...GEMINI_OUTPUT },
};
const GEMINI_FILE = ['2', '3'].map((id) => `${JSON.stringify({ key: id, response: generated(id) })}\n`);

function replyAsGemini({ path, method }: ProviderRequest): Reply {
  if (path.endsWith(':download')) return { kind: 'bytes', chunks: GEMINI_FILE };
  return json(method === 'POST' ? GEMINI_JOB : GEMINI_DONE);
}

/** 0.00005 USD each: what xAI says that it charged. */
const chatted = (id: string) => ({
  batch_request_id: id,
  batch_result: {
    response: {
      chat_get_completion: {
        id: `chat-${id}`,
        model: 'grok-4.3',
        choices: [{ index: 0, message: { content: 'Canary-completion.' }, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 100,
          completion_tokens: 20,
          total_tokens: 120,
          cost_in_usd_ticks: 500_000,
        },
      },
    },
  },
});
const XAI_RESULTS = [
  chatted('1'),
  { batch_request_id: '2', batch_result: { error: { code: 3, message: 'refused' } } },
  {
    batch_request_id: '3',
    batch_result: {
      response: { video_generation: { model: 'grok-imagine-video', url: 'https://x.example' } },
    },
  },
  chatted('4'),
];

function replyAsXai({ method, query, body }: ProviderRequest): Reply {
  const batch_id = body.input_file_id === undefined ? 'xai-1' : 'xai-2';
  if (method === 'POST') return json({ batch_id, state: { num_requests: 0 } });
  const first = Number(query.pagination_token ?? 0);
  const next = first + Number(query.limit);
  const pagination_token = next < XAI_RESULTS.length ? String(next) : null;
  return json({ results: XAI_RESULTS.slice(first, next), pagination_token });
}

const RESPONSE = {
  id: 'response-background',
  object: 'response',
  background: true,
  model: 'gpt-4o-mini-2024-07-18',
  usage: null,
};
const RESPONSE_DONE = {
  ...RESPONSE,
  status: 'completed',
  output: [],
  usage: { input_tokens: 1_000, output_tokens: 50, total_tokens: 1_050 },
};
const INTERACTION = { id: 'interaction-background', model: GEMINI, status: 'in_progress' };
const INTERACTION_DONE = {
  ...INTERACTION,
  status: 'completed',
  usage: { total_input_tokens: 1_000, total_output_tokens: 50, total_tokens: 1_050 },
};

/** 10 cents a second. */
const VIDEO = {
  id: 'video-1',
  object: 'video',
  model: 'sora-2',
  status: 'queued',
  seconds: '4',
  size: '720x1280',
};

/** Made by the time it is asked for the second time. */
const replyInTime = ({ method, repeat }: ProviderRequest, [open, done]: readonly [object, object]): Reply =>
  json(method === 'POST' || repeat === 0 ? open : done);

/** The reply to a request of such a scenario; `undefined` for any other. */
export function replyLater(request: ProviderRequest): Reply | undefined {
  switch (request.headers['x-scenario']) {
    case 'net/batch-gemini':
      return replyAsGemini(request);
    case 'net/batch-xai':
      return replyAsXai(request);
    case 'net/background':
      return replyInTime(request, [{ ...RESPONSE, status: 'in_progress' }, RESPONSE_DONE]);
    case 'net/background-interaction':
      return replyInTime(request, [INTERACTION, INTERACTION_DONE]);
    case 'net/video':
      return replyInTime(request, [VIDEO, { ...VIDEO, status: 'completed' }]);
    default:
      return undefined;
  }
}
