import type { SpanContext } from '@opentelemetry/api';
import { readErrorClass } from '../../call/error.js';
import { readNowMs } from '../../timers.js';
import { type RequestHeaders, readCaller } from '../caller.js';
import { readEntryHost } from '../entry-host.js';
import { readKnownMethod } from '../http-request.js';
import type { RequestEnd, RequestState } from '../request.js';
import type { Params } from '../route.js';

/** A request as a platform hands it to a function, in an event. */
export interface RequestEvent {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** As it is configured at the platform; `undefined` where that takes whatever comes. */
  readonly route?: string | undefined;
  readonly params?: Params | undefined;
  /** Names in any case. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** A request that a function answers, and how its end is read from what the function has returned. */
export interface RequestWork {
  readonly request: RequestEvent;
  readonly readEnd: (returned: unknown) => RequestEnd;
}

/** A request that comes to a function. */
export class FunctionRequest implements RequestState {
  readonly method: string;
  readonly startMs: number;
  frameworkRoute: string | undefined = undefined;
  frameworkError: string | undefined = undefined;
  task: RequestState['task'] = undefined;
  readonly #event: Omit<RequestEvent, 'method' | 'headers'>;
  readonly #caller: SpanContext | undefined;
  readonly #entryHost: string | undefined;
  readonly #readEnd: RequestWork['readEnd'];
  #end: RequestEnd | undefined;
  #onClosed: ((end: RequestEnd) => void) | undefined;

  constructor({ request, readEnd }: RequestWork, startMs = readNowMs()) {
    const { method, headers = {}, ...event } = request;
    this.#readEnd = readEnd;
    this.method = readKnownMethod(method.toUpperCase());
    this.startMs = startMs;
    this.#event = event;
    const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const lowerCase = Object.fromEntries(named) as RequestHeaders;
    this.#caller = readCaller(lowerCase);
    this.#entryHost = readEntryHost(this, lowerCase);
  }

  readRoute(): string | undefined {
    return this.#event.route;
  }

  readTarget(): string {
    return this.#event.target;
  }

  readParams(): Params | undefined {
    return this.#event.params;
  }

  readCaller(): SpanContext | undefined {
    return this.#caller;
  }

  readEntryHost(): string | undefined {
    return this.#entryHost;
  }

  onceClosed(fn: (end: RequestEnd) => void): void {
    if (this.#end === undefined) this.#onClosed = fn;
    else fn(this.#end);
  }

  /** The function has returned. */
  return(returned?: unknown): void {
    this.#close(this.#readEnd(returned));
  }

  /** The function has thrown. */
  fail(thrown: unknown): void {
    this.end({ errorType: readErrorClass(thrown) });
  }

  /** It has ended with an error of that class. What the client is answered then, the platform alone knows. */
  end({ errorType }: { errorType: string }): void {
    this.#close({ statusCode: undefined, isAborted: false, errorType });
  }

  /** The first that is said of it holds. */
  #close(end: RequestEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#onClosed?.(end);
  }
}
