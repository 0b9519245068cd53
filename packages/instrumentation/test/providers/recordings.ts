import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CallRequest,
  type CallResult,
  type ClientInfo,
  EMPTY_RESULT,
  type Endpoint,
  type StainlessProvider,
} from '../../src/provider.ts';

/** One recorded HTTP exchange of a provider; the format is described beside the recordings. */
export interface Recording {
  readonly id: string;
  readonly endpoint: string;
  readonly stream: boolean;
  readonly request: {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly body: unknown;
  };
  readonly response: { readonly status: number; readonly body: string };
  readonly expected: Expected | null;
  readonly providerCost: { readonly amount: number } | null;
  readonly model: string | null;
}
export interface Expected {
  readonly inputTotal?: number | null;
  readonly outputTotal?: number | null;
  readonly cacheRead?: number | null;
  readonly cacheWrite?: number | null;
  readonly reasoning?: number | null;
  readonly cacheWrite5m?: number | null;
  readonly cacheWrite1h?: number | null;
  readonly audioInput?: number | null;
  readonly webSearches?: number | null;
  readonly webFetches?: number | null;
  readonly iterations?: Readonly<Record<string, ExpectedIteration>>;
}
interface ExpectedIteration {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

/** Beside the checkout on machines that have them; never part of it. */
export const RECORDINGS_FOLDER = join(import.meta.dirname, '../../../../../shared/recordings');
export const HAS_RECORDINGS = existsSync(RECORDINGS_FOLDER);

/** The recordings whose file name matches, answered ones only. */
export function readRecordings(name: RegExp): Recording[] {
  if (!HAS_RECORDINGS) return [];
  return readdirSync(RECORDINGS_FOLDER)
    .filter((file) => name.test(file))
    .map((file) => JSON.parse(readFileSync(join(RECORDINGS_FOLDER, file), 'utf8')) as Recording)
    .filter((recording) => recording.response.status === 200);
}

/** Path as the SDK's resource passes it: what comes before it is the base URL. */
const RESOURCE_PATH =
  /\/(?:chat\/completions|completions|embeddings|rerank|images(?:\/\w+)?|audio\/\w+|files\/[^/]+\/content|responses(?:\/[^?]*)?|v1\/messages(?:\?.*)?|v1\/messages\/batches\/\w+\/results)(?:\?.*)?$/;

/** The call as the SDK makes it. */
export function locateCall(provider: StainlessProvider, recording: Recording) {
  const { method, host, path, body } = recording.request;
  const resourcePath = RESOURCE_PATH.exec(path)?.[0] ?? path;
  const basePath = path.slice(0, path.length - resourcePath.length);
  const client: ClientInfo = { baseUrl: `https://${host}${basePath}`, classNames: [] };
  const sdkPath = provider.name === 'anthropic' ? resourcePath : resourcePath.replace(/\?.*$/, '');
  const endpoint = provider.endpoints.find(
    (candidate) => candidate.method === method.toLowerCase() && candidate.path.test(sdkPath),
  );
  if (endpoint === undefined) throw new Error(`no endpoint for ${method} ${sdkPath} of ${recording.id}`);
  return { endpoint, call: { path: sdkPath, body: recording.stream ? asStream(body) : body, client } };
}

function asStream(body: unknown): unknown {
  return typeof body === 'object' && body !== null ? { ...body, stream: true } : { stream: true };
}

/** Events of a server-sent event stream whose data is JSON, as the SDK hands them on. */
export function parseSse(body: string): unknown[] {
  return body
    .split(/\r?\n\r?\n/)
    .map((event) =>
      event
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length).trimStart())
        .join('\n'),
    )
    .filter((data) => data !== '' && data !== '[DONE]')
    .map((data) => JSON.parse(data) as unknown);
}

/** Every result of the fold: before the first chunk, and after each. */
export function foldEveryCut(
  endpoint: Endpoint,
  chunks: readonly unknown[],
  request: CallRequest,
): CallResult[] {
  const results: CallResult[] = [EMPTY_RESULT];
  for (const chunk of chunks) results.push(endpoint.readChunk!(results.at(-1)!, chunk, request));
  return results;
}
