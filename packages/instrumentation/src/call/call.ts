import type { Attribution } from '../attribution/index.js';
import { guard, reportFailure } from '../diagnostics.js';
import {
  type CallReaders,
  type CallRequest,
  type CallResult,
  type ClientInfo,
  EMPTY_RESULT,
  type Exchange,
} from '../provider.js';
import type { RecordedSpan } from '../record/recorder.js';
import { readNowMs, readTicksMs } from '../timers.js';
import type { PendingResponses } from './background.js';
import { isAbortError } from './error.js';
import { type Open, OpenCalls } from './open-calls.js';

/** How a call ended, as `Call.settle` tells its observer. */
export interface CallEnd {
  readonly kind: 'ok' | 'error' | 'aborted';
  readonly error?: unknown;
}

export interface CallStart {
  readonly endpoint: CallReaders;
  readonly request: CallRequest;
  readonly client: ClientInfo;
  readonly attribution: Attribution;
}

/** What is left of a call that is over. */
export interface PastCall {
  readonly end: CallEnd['kind'];
  readonly task: Attribution['task'];
  readonly spanId: string | undefined;
}

/**
 * Where a call is found by what the SDK makes for it. SDKs and V8 hold on to that for long: openai 7 gives each promise
 * methods of its own, which V8 puts where only a large collection looks. Therefore of a call that is over only what is
 * asked for later stays here.
 */
export interface CallPlace {
  /** While it goes on. */
  call: Call | undefined;
  past: PastCall | undefined;
}

/** Whoever records calls. */
export interface CallObserver {
  /** Called exactly once, when the call settles. */
  readonly onSettled: (call: Call, end: CallEnd) => void;
  /** Called for each line of a batch's results, with its position. */
  readonly onLine: (call: Call, line: unknown, position: number) => void;
  /** Keeps a call whose response is only a promise of one. */
  readonly pending: PendingResponses;
}

/** A response that is never parsed never ends its call; beyond this many, the oldest counts as broken off. */
const MAX_OPEN_CALLS = 10_000;
/** Calls whose end nobody has seen yet; the exit settles them, so that no cost is lost with the process. */
const openCalls = new OpenCalls(MAX_OPEN_CALLS);

/** One logical call of a model: however many retries it took, it settles exactly once. */
export class Call implements Open {
  readonly endpoint: CallReaders;
  readonly request: CallRequest;
  readonly client: ClientInfo;
  readonly attribution: Attribution;
  readonly startMs: number;
  /** Requests sent; the SDK retries inside one call. */
  attempts = 0;
  /** Requests to this URL below the call are attempts that only the wire tells of. */
  attemptsUrl: string | undefined;
  result: CallResult = EMPTY_RESULT;
  /** What the first events of the response below have told, of SDKs that hand that on with the end alone. */
  overheard: CallResult | undefined;
  /** The last HTTP exchange, of SDKs whose transport tells more than their answers do. */
  exchange: Exchange | undefined;
  /** Seconds from the start to the first chunk, streams only. */
  timeToFirstChunkSeconds: number | undefined;
  durationSeconds = 0;
  /** By which the application aborts the call, of SDKs whose errors do not say so. */
  signal: AbortSignal | undefined;
  /** The original body, when ours asked for stream usage in its place. */
  bodyBeforeAsking: unknown;
  /** Where it is recorded; `undefined` until it has been started. */
  span: RecordedSpan | undefined;
  older: Open | undefined;
  newer: Open | undefined;
  readonly #observer: CallObserver;
  readonly #startTicks: number;
  #isSettled = false;
  #place: CallPlace | undefined;
  #alsoSettled: ((call: Call) => void) | undefined;
  #isPending = false;
  #lines = 0;

  constructor(start: CallStart, observer: CallObserver) {
    this.endpoint = start.endpoint;
    this.request = start.request;
    const nowMs = readNowMs();
    this.startMs = start.request.startMs ?? nowMs;
    this.#startTicks = readTicksMs() - (nowMs - this.startMs);
    this.client = start.client;
    this.attribution = start.attribution;
    this.#observer = observer;
    openCalls.add(this);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Is found there until it is over. */
  take(place: CallPlace): void {
    this.#place = place;
    place.call = this;
  }

  /** True while our usage request must be hidden from the application. */
  get hidesStreamUsage(): boolean {
    return this.bodyBeforeAsking !== undefined;
  }

  /** True once a stream has told how it ended, and what it used comes with a chunk of its own. */
  get lacksOnlyUsage(): boolean {
    const { usageStatus, finishReasons = [] } = this.result;
    return (
      usageStatus === 'missing' &&
      this.endpoint.askForStreamUsage !== undefined &&
      hasAllReasons(finishReasons)
    );
  }

  /** Tells whoever watches for this call's end in some other way that it has come. */
  onceSettled(tell: (call: Call) => void): void {
    this.#alsoSettled = tell;
  }

  /** An answer began, of several attempts the last one's. Headers by their lower-case names. */
  begin(header: (name: string) => unknown): void {
    const { name, readHead } = this.endpoint;
    if (this.#isSettled || readHead === undefined) return;
    this.result = guard(`reading the head of a ${name}`, () => readHead(header)) ?? EMPTY_RESULT;
  }

  /** A whole response body arrived. */
  succeed(body: unknown): void {
    if (this.#isSettled) return;
    this.#read(body);
    this.#endOrWait();
  }

  #read(body: unknown): void {
    try {
      this.result = this.endpoint.readResponse(body, this.request, this.result);
      for (const line of this.endpoint.readResults?.(body) ?? []) this.addLine(line);
    } catch (error) {
      reportFailure(`reading a ${this.endpoint.name} response`, error);
    }
  }

  /** What the answer only promises is waited for. A retrieval is over when it is answered, whatever it found. */
  #endOrWait(): void {
    const { endpoint, request, result } = this;
    this.#isPending =
      endpoint.isPending !== undefined &&
      request.retrieves === undefined &&
      guard(`reading the state of a ${endpoint.name}`, () => endpoint.isPending?.(result)) === true;
    if (this.#isPending && result.responseId !== undefined)
      this.#observer.pending.hold(result.responseId, this);
    else this.#settle({ kind: 'ok' });
  }

  /** A retrieval brought the final response of this pending call. */
  finish(result: CallResult): void {
    if (this.#isSettled) return;
    const { endpoint, request } = this;
    this.result =
      guard(`reading a retrieved ${endpoint.name}`, () => endpoint.readFinal?.(result, request)) ?? result;
    this.#settle({ kind: 'ok' });
  }

  /** The process ends and nobody will see this call's end any more. */
  giveUp(): void {
    if (this.#isPending) this.#settle({ kind: 'ok' });
    else this.abort();
  }

  /** One stream chunk arrived, before the application sees it. */
  addChunk(chunk: unknown): void {
    if (this.#isSettled) return;
    try {
      const { isPrelude, readChunk } = this.endpoint;
      if (isPrelude?.(chunk) === true) return;
      this.timeToFirstChunkSeconds ??= this.#elapsedSeconds();
      if (readChunk !== undefined) this.result = readChunk(this.result, chunk, this.request);
    } catch (error) {
      reportFailure(`reading a ${this.endpoint.name} chunk`, error);
    }
  }

  /** One line of a batch's results passed by. */
  addLine(line: unknown): void {
    const position = this.#lines;
    this.#lines += 1;
    try {
      this.#observer.onLine(this, line, position);
    } catch (error) {
      reportFailure('reading a result of a batch', error);
    }
  }

  /**
   * What the application may see of a chunk: all of it, less what our asking for usage brought; `undefined` for
   * nothing.
   */
  show(chunk: unknown): unknown {
    const { hideStreamUsage } = this.endpoint;
    if (!this.hidesStreamUsage || hideStreamUsage === undefined) return chunk;
    try {
      return hideStreamUsage(chunk);
    } catch (error) {
      reportFailure(`hiding usage of ${this.endpoint.name}`, error);
      return chunk;
    }
  }

  /** The stream ended by itself. */
  endStream(): void {
    if (!this.#isSettled) this.#endOrWait();
  }

  /** `refused` is the body of an answer that came all the same. */
  fail(error: unknown, refused?: unknown): void {
    if (this.#isPending) return;
    if (refused !== undefined && !this.#isSettled) this.#read(refused);
    if (isAbortError(error) || this.signal?.aborted === true) this.abort(error);
    else this.#settle({ kind: 'error', error });
  }

  /**
   * The application broke off, aborted, or never read the answer; unless it had read all of it by then. Of a stream that
   * has ended with the promise of an answer nothing is broken off any more, nor when it is collected.
   */
  abort(error?: unknown): void {
    if (this.#isPending) return;
    this.#settle(isWhole(this.result) ? { kind: 'ok' } : { kind: 'aborted', error });
  }

  #elapsedSeconds(): number {
    return (readTicksMs() - this.#startTicks) / 1000;
  }

  #settle(end: CallEnd): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.durationSeconds = this.#elapsedSeconds();
    openCalls.remove(this);
    this.#alsoSettled?.(this);
    this.result = withOverheard(this.result, this.overheard);
    try {
      this.#observer.onSettled(this, end);
    } catch (error) {
      reportFailure('recording a call', error);
    }
    // SDKs and collectors may hold on to a call that is over; what it was made of goes now.
    this.result = EMPTY_RESULT;
    this.overheard = undefined;
    this.#alsoSettled = undefined;
    this.#leave(end);
  }

  #leave({ kind }: CallEnd): void {
    const place = this.#place;
    if (place === undefined) return;
    this.#place = undefined;
    place.call = undefined;
    place.past = { end: kind, task: this.attribution.task, spanId: this.span?.context.spanId };
  }
}

/** Without an end there is what was overheard. */
function withOverheard(result: CallResult, overheard: CallResult | undefined): CallResult {
  if (overheard?.usage === undefined || result.usage !== undefined) return result;
  return { ...overheard, ...result, usage: overheard.usage, usageStatus: overheard.usageStatus };
}

/**
 * Whether the provider has told how the answer ended and what it used: events may follow, but none that a reader needs
 * to wait for.
 */
function isWhole({ usageStatus, finishReasons = [], errorType }: CallResult): boolean {
  if (errorType !== undefined) return true;
  if (usageStatus === 'partial') return hasAllReasons(finishReasons);
  return usageStatus === 'complete' && (finishReasons.length === 0 || hasAllReasons(finishReasons));
}

const hasAllReasons = (reasons: readonly (string | undefined)[]): boolean =>
  reasons.length > 0 && reasons.every((reason) => reason !== undefined);

/** Settles what is still open: the process ends. */
export function giveUpOpenCalls(): void {
  openCalls.giveUp();
}
