import type { SpanContext } from '@opentelemetry/api';
import { readNowMs } from '../../timers.js';
import { readCaller } from '../caller.js';
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

/** A request that comes to a function. */
export class FunctionRequest implements RequestState {
  readonly method: string;
  readonly startMs: number;
  frameworkRoute: string | undefined = undefined;
  frameworkError: string | undefined = undefined;
  task: RequestState['task'] = undefined;
  readonly #event: Omit<RequestEvent, 'method' | 'headers'>;
  readonly #caller: SpanContext | undefined;
  #end: RequestEnd | undefined;
  #onClosed: ((end: RequestEnd) => void) | undefined;

  constructor({ method, headers = {}, ...event }: RequestEvent, startMs = readNowMs()) {
    this.method = readKnownMethod(method.toUpperCase());
    this.startMs = startMs;
    this.#event = event;
    const traced = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    this.#caller = readCaller(Object.fromEntries(traced) as Record<string, string>);
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

  onceClosed(fn: (end: RequestEnd) => void): void {
    if (this.#end === undefined) this.#onClosed = fn;
    else fn(this.#end);
  }

  /** It has been answered. The first that is said of it holds. */
  close(end: RequestEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#onClosed?.(end);
  }
}
