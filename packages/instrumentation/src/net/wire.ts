import { OPERATION, PROVIDER, type ProviderName } from '@costspan/semconv';
import { warnOperator } from '../diagnostics.js';
import type { CallReaders, CallRequest, Endpoint, EndpointCall } from '../provider.js';
import { messageBatches, messageBatchResults } from '../providers/anthropic/batches.js';
import { messages } from '../providers/anthropic/messages.js';
import { anthropic } from '../providers/anthropic.js';
import { bedrockByHand, bedrockModelsByHand } from '../providers/bedrock/wire.js';
import { cerebras } from '../providers/cerebras.js';
import { workersAi } from '../providers/cloudflare.js';
import { cohereByHand } from '../providers/cohere/wire.js';
import { deepgramByHand } from '../providers/deepgram.js';
import { deepinfraInference } from '../providers/deepinfra.js';
import { elevenlabsByHand } from '../providers/elevenlabs.js';
import { omitUndefined, readFields, readText } from '../providers/fields.js';
import { interactionsGet, interactionsPost } from '../providers/google/interactions.js';
import { geminiBatchesByHand, googleByHand } from '../providers/google/wire.js';
import { groq } from '../providers/groq.js';
import { readHost } from '../providers/hosts.js';
import { mistralBatchJobs } from '../providers/mistral/batches.js';
import { mistralConversations } from '../providers/mistral/conversations.js';
import { mistralClassifiers, mistralOcr } from '../providers/mistral/endpoints.js';
import { ASKS_MODEL, BEDROCK_PATH } from '../providers/model-paths.js';
import { isOllamaAnswer, ollamaByHand, ollamaElsewhere } from '../providers/ollama/wire.js';
import { speech, transcriptions, translations } from '../providers/openai/audio.js';
import { batches, batchesRetrieve, filesContent } from '../providers/openai/batches.js';
import { chatCompletions } from '../providers/openai/chat.js';
import { embeddings } from '../providers/openai/embeddings.js';
import { imagesEdit, imagesGenerate, imagesVariation } from '../providers/openai/images.js';
import { legacyCompletions } from '../providers/openai/legacy-completions.js';
import { rerank } from '../providers/openai/rerank.js';
import { responses, responsesCompact, responsesRetrieve } from '../providers/openai/responses.js';
import { openai } from '../providers/openai.js';
import { perplexity } from '../providers/perplexity.js';
import { sambanova } from '../providers/sambanova.js';
import { together } from '../providers/together.js';
import { voyageByHand } from '../providers/voyage/wire.js';
import { watsonxByHand } from '../providers/watsonx.js';
import { writer } from '../providers/writer.js';
import { xaiBatchResults } from '../providers/x-ai/batches.js';

/** What a request to an LLM provider is, as far as its address tells. */
export interface Wire {
  readonly readers: CallReaders;
  /** As an SDK would write it. */
  readonly path: string;
  readonly baseUrl: string;
  /** False where the path alone speaks for it: then the request's body has to as well. */
  readonly isKnownHost: boolean;
  /** Where not even the body says it for certain: whether this is an answer, or its first chunk, as a model gives it. */
  readonly isAnswer?: ((part: unknown) => boolean) | undefined;
}

/** Readers that are known by method and path, whatever stands before that. */
interface WireReaders extends Endpoint {
  /** The only one that means this by the path. */
  readonly provider?: ProviderName;
  /** Others answer by the path as well, in another way. */
  readonly isAnswer?: (part: unknown) => boolean;
}

/** What Databricks serves by the name of an endpoint; a model that holds no conversation is somebody's own. */
const invocations: Endpoint = {
  ...chatCompletions,
  path: /^\/serving-endpoints\/([^/]+)\/invocations$/,
  readRequest(call) {
    const model = /([^/]+)\/invocations$/.exec(call.path)?.[1];
    const isRecorded = Array.isArray(readFields(call.body).messages);
    return omitUndefined<CallRequest>({ ...chatCompletions.readRequest(call), model, isRecorded });
  },
};

const only = (provider: ProviderName, endpoints: readonly Endpoint[]): readonly WireReaders[] =>
  endpoints.map((endpoint) => ({ ...endpoint, provider }));

const ENDPOINTS: readonly WireReaders[] = [
  ...only(PROVIDER.COHERE, cohereByHand),
  ...only(PROVIDER.OLLAMA, ollamaByHand),
  ...only(PROVIDER.GCP_GEMINI, geminiBatchesByHand),
  ...only(PROVIDER.X_AI, [xaiBatchResults]),
  ...only(PROVIDER.AWS_BEDROCK, bedrockByHand),
  ...only(PROVIDER.VOYAGE, voyageByHand),
  ...only(PROVIDER.IBM_WATSONX_AI, watsonxByHand),
  ...only(PROVIDER.DEEPGRAM, deepgramByHand),
  ...only(PROVIDER.DEEPINFRA, [deepinfraInference]),
  ...only(PROVIDER.ELEVENLABS, elevenlabsByHand),
  messages,
  chatCompletions,
  responses,
  responsesCompact,
  responsesRetrieve,
  legacyCompletions,
  embeddings,
  rerank,
  imagesGenerate,
  imagesEdit,
  imagesVariation,
  transcriptions,
  translations,
  speech,
  ...googleByHand,
  interactionsPost,
  interactionsGet,
  batches,
  batchesRetrieve,
  filesContent,
  messageBatches,
  messageBatchResults,
  ...mistralBatchJobs,
  // OpenAI's of that path are free.
  ...only(PROVIDER.MISTRAL_AI, [mistralConversations, ...mistralClassifiers]),
  mistralOcr,
  // What else the SDKs of Stainless send to their own provider, in the very form.
  ...only(PROVIDER.OPENAI, openai.endpoints),
  ...only(PROVIDER.AZURE_AI_OPENAI, openai.endpoints),
  ...only(PROVIDER.ANTHROPIC, anthropic.endpoints),
  ...only(PROVIDER.GROQ, groq.endpoints),
  ...only(PROVIDER.TOGETHER, together.endpoints),
  ...only(PROVIDER.CEREBRAS, cerebras.endpoints),
  ...only(PROVIDER.PERPLEXITY, perplexity.endpoints),
  ...only(PROVIDER.SAMBANOVA, sambanova.endpoints),
  ...only(PROVIDER.WRITER, writer.endpoints),
  ...only(PROVIDER.DATABRICKS, [invocations]),
  ...only(PROVIDER.CLOUDFLARE, [workersAi]),
];

/** The same at a host that nobody knows, and the paths of servers that people run themselves, or have a name for. */
const ENDPOINTS_ELSEWHERE: readonly WireReaders[] = [
  ...bedrockModelsByHand,
  ...ollamaElsewhere.map((endpoint) => ({ ...endpoint, isAnswer: isOllamaAnswer })),
  ...ENDPOINTS,
];

/** What a request asks a model for, as far as its address tells; `undefined` where it asks none. */
export function findWire(url: string, method: string, isKnownHost: boolean): Wire | undefined {
  const { origin, pathname } = new URL(url);
  const { provider } = readHost({ baseUrl: origin + pathname, classNames: [] }, '');
  const isSame = (endpoint: WireReaders): boolean =>
    endpoint.method === method.toLowerCase() &&
    (endpoint.provider === undefined || endpoint.provider === provider);
  const endpoints = isKnownHost ? ENDPOINTS : ENDPOINTS_ELSEWHERE;
  // From the whole path on, so that `/chat/completions` is not taken for `/completions`.
  for (let at = 0; at >= 0; at = pathname.indexOf('/', at + 1)) {
    const path = pathname.slice(at);
    const readers = endpoints.find((endpoint) => isSame(endpoint) && endpoint.path.test(path));
    if (readers === undefined) continue;
    const baseUrl = origin + pathname.slice(0, at);
    return { readers, path, baseUrl, isKnownHost, isAnswer: readers.isAnswer };
  }
  const asks = isKnownHost && method === 'POST' && ASKS_MODEL.test(pathname);
  return asks ? { readers: UNREAD, path: pathname, baseUrl: origin, isKnownHost } : undefined;
}

/** Last words of paths at which a model is talked to over a connection that stays open. */
const TALKS_TO_MODEL =
  /\/(?:realtime|responses|live|listen|speak|converse|(?:multi-)?stream-input|conversation|v3\/ws|[\w.]*BidiGenerateContent\w*)(?:\/[^/]*)?$/;

/** What a WebSocket to a provider is, as far as its address tells; `undefined` where no model is at its other end. */
export function findSocket(url: string): Wire | undefined {
  const { origin, pathname, searchParams } = new URL(url);
  if (!TALKS_TO_MODEL.test(pathname)) return undefined;
  const model = searchParams.get('model') ?? undefined;
  const readers: CallReaders = {
    ...UNREAD,
    name: 'socket',
    readRequest: (call) => ({
      ...describeUnread(call, SOCKET),
      model,
      operation: OPERATION.GENERATE_CONTENT,
    }),
  };
  return { readers, path: pathname, baseUrl: origin, isKnownHost: true };
}

/** Whether a body has what a model is asked with: a prompt, and its name where the path has none. */
export function asksModel(body: unknown, { baseUrl, path }: Wire): boolean {
  if (BEDROCK_PATH.test(path)) return typeof body === 'object' && body !== null;
  const { model, contents, messages, input, prompt, documents } = readFields(body);
  const asked = [contents, messages, input, prompt, documents];
  const isNamed = readText(model) !== undefined || /\/(?:models|deployments)\//.test(baseUrl + path);
  return isNamed && asked.some((one) => Array.isArray(one) || typeof one === 'string');
}

const MODEL_IN_PATH = /\/models?\/([^/:]+(?:\/[^/:]+(?=\/predictions$))?)/;

/** What is not read, and what of it is counted. */
const ANSWER = { what: 'what is answered', counted: 'its calls are counted as unpriced' };
const SOCKET = {
  what: 'what is said over WebSockets that no SDK it knows has opened',
  counted: 'each counts as one unpriced call',
};

/** A call of a model whose answer nobody here can read: it is counted, and has no price. */
const UNREAD: CallReaders = {
  name: 'unread',
  readRequest: (call) => describeUnread(call, ANSWER),
  readResponse: () => ({ usageStatus: 'missing' }),
};

function describeUnread({ path, body, client }: EndpointCall, { what, counted }: typeof ANSWER): CallRequest {
  const { provider, serverAddress, serverPort, region } = readHost(client, '');
  warnOperator(
    'COSTSPAN_UNREAD_CALL',
    `costspan cannot read ${what} by ${String(serverAddress)} to ${path.replace(/\/[^/]*\d[^/]*/g, '/…')}: ` +
      `${counted}. Fix: call it through an SDK that costspan records (README, "What is supported").`,
  );
  return omitUndefined<CallRequest>({
    operation: /embed/i.test(path) ? OPERATION.EMBEDDINGS : OPERATION.GENERATE_CONTENT,
    // Behind a gateway that names none.
    provider: provider || String(serverAddress),
    model: readText(readFields(body).model) ?? MODEL_IN_PATH.exec(path)?.[1],
    isStream: false,
    serverAddress,
    serverPort,
    region,
    attributes: {},
  });
}
