import type { Evaluation, Evaluator, Verdict } from '@costspan/api';
import { ATTR, EVALUATION_EVENT, OTHER_ERROR_TYPE } from '@costspan/semconv';
import { clearTimeout, readNowMs, setImmediate, setTimeout } from '../timers.js';
import { readScopeValue } from './scope-value.js';
import type { EvaluationStart, TaskEvent, TaskOutcome } from './task.js';

/** Evaluators that run at once; further ones wait. */
export const MAX_RUNNING_EVALUATIONS = 8;
/** Evaluators that wait for their turn; further ones are refused, and their tasks go unjudged. */
export const MAX_WAITING_EVALUATIONS = 1_000;
const DEFAULT_TIMEOUT_SECONDS = 30;
const MAX_TIMEOUT_SECONDS = 300;
const MAX_EXPLANATION_CHARS = 1_024;
/** `error.type` of an evaluator whose time was over. */
const TIMEOUT_ERROR_TYPE = 'timeout';

/** What came of one evaluator. */
export interface Judged {
  readonly event: TaskEvent;
  /** `undefined` when it decides nothing. */
  readonly outcome: TaskOutcome | undefined;
}

interface Waiting extends EvaluationStart {
  readonly onDone: (judged: Judged | undefined) => void;
}

/** Whether this task is one of those that the evaluator looks at. @throws TypeError when it is no evaluator. */
export function isSampled({ evaluate, name, sampleRate = 1 }: Evaluator): boolean {
  // JavaScript callers are not held to the type.
  if (typeof evaluate !== 'function' || readScopeValue(name) === undefined)
    throw new TypeError('an evaluator has a name and a function `evaluate`');
  return Math.random() < sampleRate;
}

/** Runs the application's evaluators, few at a time, each for a limited time, never inside the application's own flow. */
export class Evaluations {
  readonly #onError: (error: unknown) => void;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Calls back once, later: with `undefined` when there was no room to run. */
  run(start: EvaluationStart, onDone: (judged: Judged | undefined) => void): void {
    if (this.#waiting.length >= MAX_WAITING_EVALUATIONS) {
      this.#onError(new Error(`${MAX_WAITING_EVALUATIONS} evaluators are waiting: a task goes unjudged`));
      onDone(undefined);
      return;
    }
    this.#waiting.push({ ...start, onDone });
    this.#startNext();
  }

  #startNext(): void {
    if (this.#running >= MAX_RUNNING_EVALUATIONS) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#running += 1;
    // After the task's caller has gone on: a slow check must not stand between a result and its reader.
    setImmediate(() => this.#judge(next));
  }

  #judge({ evaluator, enter, onDone }: Waiting): void {
    const aborter = new AbortController();
    let isSettled = false;
    const settle = (judged: Judged): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      this.#running -= 1;
      try {
        onDone(judged);
      } catch (error) {
        this.#onError(error);
      }
      this.#startNext();
    };
    const fail = (error: unknown): void => settle(readFailure(evaluator, readErrorType(error)));
    const timer = setTimeout(() => {
      settle(readFailure(evaluator, TIMEOUT_ERROR_TYPE));
      aborter.abort();
    }, readTimeoutMs(evaluator));
    timer.unref();
    try {
      // Inside, since a lazy thenable begins its work only when it is asked.
      enter(() => Promise.resolve(evaluator.evaluate(aborter.signal)))
        .then((value) => readVerdict(evaluator, value))
        .then(settle, fail);
    } catch (error) {
      fail(error);
    }
  }
}

function readTimeoutMs({ timeoutSeconds }: Evaluator): number {
  const isUsable = typeof timeoutSeconds === 'number' && timeoutSeconds > 0;
  return Math.min(isUsable ? timeoutSeconds : DEFAULT_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS) * 1000;
}

function readVerdict({ name }: Evaluator, verdict: Verdict): Judged {
  const { isSuccess, score, label, explanation } = readEvaluation(verdict);
  const decided = typeof isSuccess === 'boolean' ? isSuccess : undefined;
  const value = typeof score === 'number' && Number.isFinite(score) ? score : undefined;
  const word = decided === undefined ? undefined : decided ? 'pass' : 'fail';
  return {
    event: createEvent({
      [ATTR.EVALUATION_NAME]: readScopeValue(name),
      [ATTR.EVALUATION_SCORE_VALUE]: value,
      [ATTR.EVALUATION_SCORE_LABEL]: readScopeValue(label) ?? word,
      [ATTR.EVALUATION_EXPLANATION]:
        typeof explanation === 'string' ? explanation.slice(0, MAX_EXPLANATION_CHARS) : undefined,
    }),
    outcome:
      decided === undefined
        ? undefined
        : {
            outcome: decided ? 'success' : 'failure',
            source: 'evaluation',
            reason: decided ? undefined : readScopeValue(name),
            score: value,
          },
  };
}

function readEvaluation(verdict: Verdict): Evaluation {
  if (typeof verdict === 'boolean') return { isSuccess: verdict };
  if (typeof verdict === 'number') return { score: verdict };
  if (typeof verdict !== 'object' || verdict === null) throw new TypeError('an evaluator brought no verdict');
  return verdict;
}

/** An evaluator that failed says nothing about the task. */
const readFailure = ({ name }: Evaluator, errorType: string): Judged => ({
  event: createEvent({ [ATTR.EVALUATION_NAME]: readScopeValue(name), [ATTR.ERROR_TYPE]: errorType }),
  outcome: undefined,
});

const createEvent = (attributes: TaskEvent['attributes']): TaskEvent => ({
  name: EVALUATION_EVENT,
  timeMs: readNowMs(),
  attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)),
});

const readErrorType = (error: unknown): string => (error instanceof Error ? error.name : OTHER_ERROR_TYPE);
