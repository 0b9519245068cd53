import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { readErrorClass } from '../../call/error.js';
import { type Method, type PatchedClass, wrapFunction, wrapOwnMethod } from '../../call/wrap.js';
import { guard } from '../../diagnostics.js';
import { clearTimeout, readNowMs, readTicksMs, setTimeout } from '../../timers.js';
import { scopeStorage } from '../scope.js';
import type { FunctionDoors } from './function-runtime.js';
import { Invocation } from './invocation.js';

/** How long an answered invocation waits for its spans to arrive, before the next event is asked for. */
const FLUSH_TIMEOUT_MS = 2_000;
/** The same while the receiver does not answer: each invocation is billed for it. */
const IMPATIENT_TIMEOUT_MS = 100;
/** How long before Lambda kills the process what there is of an invocation is told. */
const DEADLINE_MARGIN_MS = 200;
/** Class of what happens to an invocation then. */
const TIMEOUT = 'timeout';

/** Several invocations at once, in threads; such an environment is not frozen between them. */
const CONCURRENCY = 'AWS_LAMBDA_MAX_CONCURRENCY';
const FUNCTION_NAME = 'AWS_LAMBDA_FUNCTION_NAME';
/** Headers of the Runtime API, and the trailer of a stream that has failed. */
const HEADER = {
  REQUEST_ID: 'lambda-runtime-aws-request-id',
  FUNCTION_ARN: 'lambda-runtime-invoked-function-arn',
  DEADLINE_MS: 'lambda-runtime-deadline-ms',
} as const;
const ERROR_TYPE_TRAILER = 'Lambda-Runtime-Function-Error-Type';

/** What the runtime's client gives of an event. */
interface Fetched {
  readonly bodyJson: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Follows the invocations of AWS Lambda by the client that fetches events and posts answers. Nothing is put around the
 * function: what it is called with, what it returns or throws and the stack of that stay as they were. An environment is
 * frozen as soon as it asks for the next event, so that waits until the spans of the last have arrived; its answer is
 * posted by then.
 */
export function observeLambda(clientClass: PatchedClass, doors: FunctionDoors): void {
  const lambda = new LambdaInvocations(doors, process.env);
  wrapOwnMethod(clientClass, 'nextInvocation', (original) => {
    return function nextInvocation(...args) {
      const next = guard('beginning an invocation', () => lambda.begin());
      const fetch = (): Promise<Fetched> => original.apply(this, args) as Promise<Fetched>;
      if (next === undefined) return fetch();
      return (next.ready === undefined ? fetch() : next.ready.then(fetch)).then((fetched) => {
        guard('reading an invocation', () => lambda.arrive(next.invocation, fetched));
        return fetched;
      });
    };
  });
  wrapOwnMethod(clientClass, 'postInvocationResponse', (original) => {
    return function postInvocationResponse(...args) {
      const [returned, id] = args;
      // What cannot be posted throws, and is posted as an error then.
      const posted = original.apply(this, args);
      guard('ending an invocation', () => lambda.take(id)?.return(returned));
      return posted;
    };
  });
  wrapOwnMethod(clientClass, 'postInvocationError', (original) => {
    return function postInvocationError(...args) {
      const [error, id] = args;
      // Before: the runtime may end the process once it is posted.
      guard('ending an invocation', () => lambda.take(id)?.end(readErrorClass(error)));
      return original.apply(this, args);
    };
  });
  wrapOwnMethod(clientClass, 'getStreamForInvocationResponse', (original) => {
    return function getStreamForInvocationResponse(...args) {
      const { result, request } = withRequest(() => original.apply(this, args));
      guard('following a streamed response', () => lambda.stream(args[0], result, request));
      return result;
    };
  });
}

/** The request that Node has made for what `fn` does. */
function withRequest<T>(fn: () => T): { result: T; request: ClientRequest | undefined } {
  const channel = 'http.client.request.created';
  let request: ClientRequest | undefined;
  const onCreated = (message: unknown): void => {
    request ??= (message as { request: ClientRequest }).request;
  };
  subscribe(channel, onCreated);
  try {
    return { result: fn(), request };
  } finally {
    unsubscribe(channel, onCreated);
  }
}

/** An invocation that has begun. */
interface Running {
  readonly invocation: Invocation;
  deadline?: NodeJS.Timeout;
  /** What its answer begins with, where that is a stream. */
  streamed?: { prelude: unknown };
}

class LambdaInvocations {
  readonly #doors: FunctionDoors;
  readonly #functionName: string;
  readonly #isFrozenBetween: boolean;
  readonly #running = new Map<unknown, Running>();
  readonly #preludes = new WeakMap<object, { prelude: unknown }>();
  #flushTimeoutMs = FLUSH_TIMEOUT_MS;
  /** Of the invocation that came last. */
  #deadlineMs = Number.NaN;

  constructor(doors: FunctionDoors, env: NodeJS.ProcessEnv) {
    this.#doors = doors;
    this.#functionName = env[FUNCTION_NAME] ?? '';
    this.#isFrozenBetween = env[CONCURRENCY] === undefined;
  }

  /** The next event is asked for: all that has been answered is over. Enters its scope, here and now. */
  begin(): { readonly invocation: Invocation; readonly ready: Promise<void> | undefined } {
    if (this.#isFrozenBetween) for (const id of [...this.#running.keys()]) this.#endStream(id);
    const invocation = new Invocation();
    scopeStorage.enterWith(invocation.scope);
    return {
      invocation,
      ready: this.#isFrozenBetween ? this.#flush(this.#deadlineMs - DEADLINE_MARGIN_MS) : undefined,
    };
  }

  arrive(invocation: Invocation, { bodyJson, headers }: Fetched): void {
    const named = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const requestId = named[HEADER.REQUEST_ID] ?? '';
    const lambda = { name: this.#functionName, arn: named[HEADER.FUNCTION_ARN] ?? '', requestId };
    invocation.arrive({ body: bodyJson, lambda });
    const running: Running = { invocation };
    this.#running.set(requestId, running);
    this.#deadlineMs = Number(named[HEADER.DEADLINE_MS]);
    const leftMs = this.#deadlineMs - readNowMs() - DEADLINE_MARGIN_MS;
    if (!this.#isFrozenBetween || !(leftMs > 0 && leftMs < 2 ** 31)) return;
    running.deadline = setTimeout(() => this.#giveUp(requestId), leftMs);
    running.deadline.unref();
  }

  /** The invocation of that id, which is over. */
  take(id: unknown): Invocation | undefined {
    const running = this.#running.get(id);
    this.#running.delete(id);
    clearTimeout(running?.deadline);
    return running?.invocation;
  }

  /** Follows an answer that the function writes by itself. Nobody reports its end, but that it has failed. */
  stream(id: unknown, stream: unknown, request: ClientRequest | undefined): void {
    const running = this.#running.get(id);
    const { request: writable } = stream as { request: object };
    if (running === undefined) return;
    running.streamed = { prelude: undefined };
    this.#preludes.set(writable, running.streamed);
    this.#watchPreludes();
    if (request === undefined) return;
    watchTrailers(request, (errorType) => {
      running.invocation.errorType = errorType;
    });
    if (!this.#isFrozenBetween) request.once('close', () => this.#endStream(id));
  }

  #endStream(id: unknown): void {
    const prelude = this.#running.get(id)?.streamed?.prelude;
    guard('ending an invocation', () => this.take(id)?.return(prelude));
  }

  /** Status and headers of a streamed answer, which the function tells before it writes. */
  #watchPreludes(): void {
    const { awslambda } = globalThis as { awslambda?: { HttpResponseStream?: { from?: Method } } };
    const streamClass = awslambda?.HttpResponseStream;
    if (typeof streamClass?.from !== 'function') return;
    const preludes = this.#preludes;
    streamClass.from = wrapFunction(streamClass.from, (original) => {
      return function from(...args) {
        const streamed = preludes.get(args[0] as object);
        if (streamed !== undefined) streamed.prelude = args[1];
        return original.apply(this, args);
      };
    });
  }

  #giveUp(id: unknown): void {
    guard('telling an invocation that runs out of time', () => {
      this.#doors.giveUp();
      this.take(id)?.end(TIMEOUT);
      void this.#flush(this.#deadlineMs);
    });
  }

  /** Sends what there is, if there is any, in the time that the invocation has left. Never rejects. */
  #flush(deadlineMs: number): Promise<void> | undefined {
    if (!this.#doors.isUnsent()) return undefined;
    const leftMs = Number.isNaN(deadlineMs) ? FLUSH_TIMEOUT_MS : deadlineMs - readNowMs();
    const timeoutMs = Math.min(this.#flushTimeoutMs, leftMs);
    return timeoutMs > 0 ? this.#flushWithin(timeoutMs) : undefined;
  }

  async #flushWithin(timeoutMs: number): Promise<void> {
    const startMs = readTicksMs();
    try {
      await this.#doors.flush(timeoutMs);
    } catch {
      // A receiver of the application's own: whoever exports there has told it.
    }
    const isLate = readTicksMs() - startMs >= timeoutMs;
    this.#flushTimeoutMs = isLate ? IMPATIENT_TIMEOUT_MS : FLUSH_TIMEOUT_MS;
  }
}

/** The runtime says at the end of a stream, to nobody but Lambda, that the function has failed. */
function watchTrailers(request: ClientRequest, onError: (errorType: string) => void): void {
  const original = request.addTrailers;
  const addTrailers: ClientRequest['addTrailers'] = (trailers) => {
    guard('reading a trailer', () => {
      const errorType = (trailers as Readonly<Record<string, unknown>>)[ERROR_TYPE_TRAILER];
      if (errorType !== undefined) onError(String(errorType));
    });
    original.call(request, trailers);
  };
  Object.defineProperty(request, 'addTrailers', {
    value: addTrailers,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}
