import type { Job } from '../job.js';
import { readPathOf } from '../route.js';
import type { RequestWork } from './function-request.js';

/** What is passed to every function beside its input. */
export interface AzureContext {
  readonly functionName: string;
  readonly options: { readonly trigger: AzureTrigger };
  readonly triggerMetadata?: Readonly<Record<string, unknown>>;
  readonly retryContext?: { readonly retryCount?: number; readonly maxRetryCount?: number };
}

/** As the application has written it, its type in any case. */
interface AzureTrigger {
  readonly type: string;
  readonly route?: unknown;
  readonly [option: string]: unknown;
}

interface AzureRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Iterable<readonly [string, string]>;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What triggers take messages from, by the option that names it. */
const DESTINATIONS = ['queueName', 'topicName', 'eventHubName', 'topic'];

/** What one run of a function of Azure is for. Pure. */
export function readAzureWork(input: unknown, context: AzureContext): RequestWork | { readonly job: Job } {
  const { trigger } = context.options;
  if (trigger.type.toLowerCase() === 'httptrigger') return readRequest(input as AzureRequest, trigger);
  const destination = DESTINATIONS.map((option) => trigger[option]).find(
    (name): name is string => typeof name === 'string' && name !== '',
  );
  const { functionName, triggerMetadata = {}, retryContext } = context;
  const { retryCount = 0, maxRetryCount = 0 } = retryContext ?? {};
  const id = Array.isArray(input) ? undefined : (triggerMetadata.messageId ?? triggerMetadata.id);
  return {
    job: {
      kind: destination === undefined ? 'job' : 'messaging',
      name: destination ?? functionName,
      key: id === undefined ? undefined : [functionName, destination, id],
      willRetry: () => retryCount < maxRetryCount,
    },
  };
}

const OK = 200;
const FAILED = 500;

function readRequest({ method, url, headers, params }: AzureRequest, { route }: AzureTrigger): RequestWork {
  const { pathname, search } = new URL(url);
  return {
    request: {
      method,
      target: `${pathname}${search}`,
      route: typeof route === 'string' ? placeRoute(pathname, route) : undefined,
      params,
      headers: Object.fromEntries(headers),
    },
    readEnd: (returned) => ({ statusCode: readStatus(returned), isAborted: false }),
  };
}

/** The host answers with status 500 what is no object, and takes nothing at all for an answer. */
function readStatus(returned: unknown): number {
  if (returned === undefined || returned === null) return OK;
  if (typeof returned !== 'object') return FAILED;
  const { status } = returned as { status?: unknown };
  return typeof status === 'number' ? status : OK;
}

const readSegments = (path: string): string[] => path.split('/').filter((segment) => segment !== '');
/** `{id?}` and `{*rest}` stand for any number of segments. */
const OPEN_PART = /\{\*|\?\}|=/;

/** The route below the prefix that the host has for all of them (`api`), which is known from the path alone. */
function placeRoute(pathname: string, route: string): string {
  const parts = readSegments(route);
  const segments = readSegments(readPathOf(pathname));
  const prefix = OPEN_PART.test(route) ? [] : segments.slice(0, Math.max(0, segments.length - parts.length));
  return `/${[...prefix, ...parts].join('/')}`;
}
