import { ABORTED_ERROR_TYPE, OTHER_ERROR_TYPE } from '@costspan/semconv';
import { type Scope, type StepState, scopeStorage } from '../attribution/index.js';
import { guard } from '../diagnostics.js';
import { setImmediate } from '../timers.js';
import { afterAbort, follow } from './abort.js';
import { isAbortError, readErrorType } from './error.js';
import type { OpenStep } from './step-starter.js';

/** Steps whose end nobody has seen yet; beyond this many, the oldest counts as given up. */
const MAX_OPEN_STEPS = 10_000;
const openSteps = new Set<RunningStep>();

/** Ends what is still open: the process ends. */
export function giveUpOpenSteps(): void {
  for (const step of openSteps) step.abort();
}

/** A step is over, at the latest, when nobody holds what it would be read from any more. */
const held = new FinalizationRegistry<RunningStep>((step) => step.letGo());
/** The step that a scope is in. */
const running = new WeakMap<StepState, RunningStep>();

export interface RunningStart {
  readonly state: StepState;
  readonly scope: Scope;
  readonly enter: OpenStep['enter'];
  /** Called once. */
  readonly onEnd: (errorType: string | undefined) => void;
}

/** One step that is going on; it ends exactly once. */
export class RunningStep implements OpenStep {
  readonly scope: Scope;
  readonly enter: OpenStep['enter'];
  readonly #onEnd: RunningStart['onEnd'];
  #beforeEnd: (() => string | undefined) | undefined;
  #signal: AbortSignal | undefined;
  #stopWatching: (() => void) | undefined;
  #isEnded = false;
  /** It has answered, and ends with the last of its parts. */
  #isWaiting = false;
  #openParts = 0;
  #partError: string | undefined;

  constructor({ state, scope, enter, onEnd }: RunningStart) {
    this.scope = scope;
    this.enter = enter;
    this.#onEnd = onEnd;
    running.set(state, this);
    openSteps.add(this);
    if (openSteps.size > MAX_OPEN_STEPS) openSteps.values().next().value?.abort();
  }

  end(errorType?: string): void {
    this.#isWaiting = this.#openParts > 0;
    if (!this.#isWaiting) this.#end(errorType ?? this.#partError);
  }

  fail(error: unknown): void {
    // A framework has errors of its own for what is missing after an abort.
    this.#end(this.#signal?.aborted === true ? ABORTED_ERROR_TYPE : readStepError(error));
  }

  abort(): void {
    this.#end(ABORTED_ERROR_TYPE);
  }

  /** Nobody can read it any more. One that has answered ends with its parts all the same. */
  letGo(): void {
    if (!this.#isWaiting) this.abort();
  }

  holdBy(value: unknown): void {
    if (typeof value === 'object' && value !== null && !this.#isEnded) held.register(value, this);
  }

  beforeEnd(fn: () => string | undefined): void {
    this.#beforeEnd = fn;
  }

  /** Ends it when the application aborts; the first signal of its calls is the one that the application gave. */
  endAtAbort(signal: AbortSignal): void {
    if (this.#isEnded || this.#signal !== undefined) return;
    this.#signal = signal;
    // A turn later than the calls inside, whose costs are its own.
    this.#stopWatching = afterAbort(follow(signal), () => setImmediate(() => this.abort()).unref());
  }

  openPart(): void {
    this.#openParts += 1;
  }

  /** What a part failed with is the step's own failure only where the step has answered before: it can hide no more. */
  closePart(errorType?: string): void {
    this.#openParts -= 1;
    if (!this.#isWaiting) return;
    this.#partError ??= errorType;
    this.end();
  }

  #end(errorType: string | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    openSteps.delete(this);
    this.#stopWatching?.();
    const told = guard('ending a step', () => this.#beforeEnd?.());
    guard('ending a step', () => this.#onEnd(told ?? errorType));
  }
}

/** Where a step streams and the application aborts a call of it, nobody may read on: then that is the step's end. */
export function endStepAtAbort(scope: Scope | undefined, signal: AbortSignal): void {
  if (scope?.step?.isStream === true) running.get(scope.step)?.endAtAbort(signal);
}

/** Opens a part of the step that the code at hand is in; `undefined` outside of any. */
export function openPart(scope: Scope | undefined): OpenStep | undefined {
  const whole = scope?.step === undefined ? undefined : running.get(scope.step);
  if (scope === undefined || whole === undefined) return undefined;
  whole.openPart();
  let isOpen = true;
  const close = (errorType?: string): void => {
    if (isOpen) whole.closePart(errorType);
    isOpen = false;
  };
  return {
    scope,
    enter: (fn) => fn(),
    end: (errorType) => close(errorType),
    fail: (error) => close(readStepError(error)),
    abort: () => close(),
    beforeEnd: () => undefined,
    holdBy: () => undefined,
  };
}

/** Runs code under a feature's name; there is no span that could end. */
export const openHint = (scope: Scope): OpenStep => ({
  scope,
  enter: (fn) => scopeStorage.run(scope, fn),
  end: () => undefined,
  fail: () => undefined,
  abort: () => undefined,
  beforeEnd: () => undefined,
  holdBy: () => undefined,
});

const readStepError = (error: unknown): string =>
  guard('reading an error', () => (isAbortError(error) ? ABORTED_ERROR_TYPE : readErrorType(error))) ??
  OTHER_ERROR_TYPE;
