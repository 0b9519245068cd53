import type { IncomingHttpHeaders } from 'node:http';
import { type JsonObject, parseObject, readString } from '../json.js';

/** What the path asks for, whoever's host it is. */
export type Endpoint =
  | 'chat.completions'
  | 'completions'
  | 'responses'
  | 'responses.retrieve'
  | 'embeddings'
  | 'images'
  | 'audio.transcriptions'
  | 'audio.translations'
  | 'audio.speech'
  | 'moderations'
  | 'messages'
  | 'messages.count_tokens'
  | 'unknown';

/** SDKs whose requests name them in `User-Agent` (`Groq/JS 1.6.0`): their paths look like others'. */
const agents = ['groq', 'together', 'cerebras', 'perplexity', 'sambanova', 'writer'] as const;

/** Whose dialect the request wants: its agent names it, else its path. `/openai/…` is Azure, `/api/v1/…` OpenRouter. */
export type ProviderLabel = 'openai' | 'azure' | 'openrouter' | 'anthropic' | (typeof agents)[number];

/** One request as the stand-in saw it. */
export interface ProviderRequest {
  readonly provider: ProviderLabel;
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  /** The requested model: from the body, else Azure's deployment in the path, else ''. */
  readonly model: string;
  readonly isStream: boolean;
  /** The id in `/v1/responses/{id}`. */
  readonly responseId?: string;
  /** 1 for the first try; both SDKs announce their retries in `x-stainless-retry-count`. */
  readonly attempt: number;
  /** Position of this request among all that the server received, from 0. */
  readonly index: number;
  /** How often the very same path and body had come before: with them it names a request whatever the order. */
  readonly repeat: number;
}

/** What the server hands over to have a request read. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly bodyText: string;
  readonly index: number;
  readonly repeat: number;
}

const endpointPatterns: readonly (readonly [RegExp, Endpoint])[] = [
  [/\/chat\/completions$/, 'chat.completions'],
  [/\/v1\/chat$/, 'chat.completions'],
  [/\/completions$/, 'completions'],
  [/\/responses$/, 'responses'],
  [/\/responses\/[^/]+$/, 'responses.retrieve'],
  [/\/embeddings$/, 'embeddings'],
  [/\/images\/(?:generations|edits|variations)$/, 'images'],
  [/\/audio\/transcriptions$/, 'audio.transcriptions'],
  [/\/audio\/translations$/, 'audio.translations'],
  [/\/audio\/speech$/, 'audio.speech'],
  [/\/moderations$/, 'moderations'],
  [/\/messages$/, 'messages'],
  [/\/messages\/count_tokens$/, 'messages.count_tokens'],
];

/** Reads an HTTP request into the stand-in's own shape; a path nobody knows has endpoint `unknown`. */
export function readRequest(raw: RawRequest): ProviderRequest {
  const url = new URL(raw.url, 'http://stand-in');
  const path = url.pathname;
  const endpoint = endpointPatterns.find(([pattern]) => pattern.test(path))?.[1] ?? 'unknown';
  const headers = readHeaders(raw.headers);
  const isForm = headers['content-type']?.startsWith('multipart/form-data') === true;
  const body = isForm ? readForm(raw.bodyText) : parseObject(raw.bodyText);
  const query = Object.fromEntries(url.searchParams);
  const deployment = /\/openai\/deployments\/([^/]+)\//.exec(path)?.[1];
  const responseId = endpoint === 'responses.retrieve' ? path.split('/').at(-1) : undefined;
  return {
    provider: readAgent(headers) ?? readProvider(path, endpoint),
    endpoint,
    method: raw.method,
    path,
    query,
    headers,
    body,
    model: readString(body.model) ?? deployment ?? '',
    isStream: body.stream === true || body.stream === 'true' || query.stream === 'true',
    ...(responseId === undefined ? {} : { responseId }),
    attempt: Number(headers['x-stainless-retry-count'] ?? 0) + 1,
    index: raw.index,
    repeat: raw.repeat,
  };
}

/** The text fields of a form; its files stay what they are. */
function readForm(text: string): JsonObject {
  const fields = text.matchAll(/name="([^"]+)"(?:\r\n[^\r\n]+)*\r\n\r\n([^\r]*)\r\n/g);
  return Object.fromEntries([...fields].map(([, name, value]) => [name, value]));
}

function readAgent(headers: Readonly<Record<string, string>>): ProviderLabel | undefined {
  const agent = /^(\w+)\/JS /.exec(headers['user-agent'] ?? '')?.[1]?.toLowerCase();
  return agents.find((name) => name === agent);
}

function readProvider(path: string, endpoint: Endpoint): ProviderLabel {
  if (path.startsWith('/openai/')) return 'azure';
  if (path.startsWith('/api/v1/')) return 'openrouter';
  return endpoint === 'messages' || endpoint === 'messages.count_tokens' ? 'anthropic' : 'openai';
}

function readHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
