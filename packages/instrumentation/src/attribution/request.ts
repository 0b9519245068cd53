import { evaluateOutcome, type OutcomeRule } from '@costspan/config';
import { ATTR } from '@costspan/semconv';
import type { SpanContext } from '@opentelemetry/api';
import type { SpanAttributes } from '../provider.js';
import type { ServerSpan } from './otel.js';
import type { Params, RequestRoutes } from './route.js';
import type { TaskOutcome, TaskState } from './task.js';
import type { TaskBook } from './tasks.js';

/** What has become of a request by the time its response is closed. */
export interface RequestEnd {
  /** `undefined` when the client went away before any header was sent. */
  readonly statusCode: number | undefined;
  /** The client went away before the whole response was sent. */
  readonly isAborted: boolean;
  /** Class of the error that the application ended the response with. */
  readonly errorType?: string | undefined;
}

/** One server request, of whatever protocol. Made for every request, so it holds references and computes nothing. */
export interface RequestState {
  readonly method: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** Route as the framework on top tells it, in a channel of its own. */
  frameworkRoute: string | undefined;
  /** Class of an error that the framework caught. */
  frameworkError: string | undefined;
  /** Made at the first model call; most requests never have one. */
  task: TaskState | undefined;
  /** Route as the framework has left it on the request; `undefined` where there is none. */
  readRoute(): string | undefined;
  /** The request target as it was sent, query and all. */
  readTarget(): string;
  /** What a router has read out of the path, by name. */
  readParams(): Params | undefined;
  /** The call of another service that it is. */
  readCaller(): SpanContext | undefined;
  /** Where it was sent, if it asks a model. */
  readEntryHost(): string | undefined;
  /** Calls back once when the response is closed, at once when it is. */
  onceClosed(fn: (end: RequestEnd) => void): void;
}

/** Status that stands for a client that went away, as in nginx; the outcome rules use it. */
const CLIENT_CLOSED_REQUEST = 499;

/** The route as somebody tells it: the framework, else OpenTelemetry's instrumentation of it. */
export const readToldRoute = (
  request: RequestState,
  serverSpan: ServerSpan | undefined,
): string | undefined => request.frameworkRoute ?? request.readRoute() ?? serverSpan?.route;

/** Best name for a request's route: what is told, else the path made into one. */
export function readRequestRoute(
  request: RequestState,
  routes: RequestRoutes,
  serverSpan: ServerSpan | undefined,
): string {
  const told = readToldRoute(request, serverSpan);
  return told === undefined
    ? routes.readPath(request.readTarget(), request.readParams())
    : routes.readTold(told);
}

/** What a request's task is made of. */
export interface RequestTaskStart {
  readonly route: string;
  /** Feature and user, as they are at the first call. */
  readonly attributes: SpanAttributes;
  readonly serverSpan: ServerSpan | undefined;
  readonly activeSpanId: string | undefined;
  readonly rules: readonly OutcomeRule[];
}

/** The task that a request is, made when it is first asked for, ended with the response. */
export function ensureRequestTask(book: TaskBook, request: RequestState, start: RequestTaskStart): TaskState {
  if (request.task !== undefined) return request.task;
  const { serverSpan } = start;
  const task = book.start({
    name: `${request.method} ${start.route}`,
    startMs: request.startMs,
    attributes: {
      ...start.attributes,
      [ATTR.HTTP_REQUEST_METHOD]: request.method,
      [ATTR.HTTP_ROUTE]: readToldRoute(request, serverSpan),
    },
    parent: serverSpan?.context,
    outerSpanId: serverSpan?.context?.spanId ?? start.activeSpanId,
  });
  request.task = task;
  request.onceClosed((end) => {
    const errorType = readErrorType(request, end);
    book.end(task, judgeRequest(start.rules, end, errorType), {
      [ATTR.HTTP_RESPONSE_STATUS_CODE]: end.statusCode,
      [ATTR.ERROR_TYPE]: errorType,
      // What was called before the router has matched did not know it yet.
      [ATTR.HTTP_ROUTE]: readToldRoute(request, serverSpan),
    });
  });
  return task;
}

/** The outcome by the rules of the config; a client that went away counts as status 499, `abandoned` by default. */
const judgeRequest = (
  rules: readonly OutcomeRule[],
  end: RequestEnd,
  errorType: string | undefined,
): TaskOutcome | undefined =>
  evaluateOutcome(rules, {
    'http.status_code': end.isAborted ? CLIENT_CLOSED_REQUEST : end.statusCode,
    'error.type': errorType,
  });

/** An error that the framework caught counts only when it became a server error: many throw their 404s. */
function readErrorType(request: RequestState, { statusCode, errorType }: RequestEnd): string | undefined {
  const isServerError = statusCode !== undefined && statusCode >= 500;
  return errorType ?? (isServerError ? request.frameworkError : undefined);
}
