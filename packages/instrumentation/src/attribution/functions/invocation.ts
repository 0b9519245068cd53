import { readNowMs } from '../../timers.js';
import { JobState } from '../job.js';
import type { Scope } from '../scope.js';
import { FunctionRequest } from './function-request.js';
import { type LambdaFunction, readLambdaEvent } from './lambda-event.js';

/** An event as the runtime has fetched it. */
export interface ArrivedEvent {
  /** JSON. */
  readonly body: string;
  readonly lambda: LambdaFunction;
}

/**
 * One invocation of a function. The scope that it runs in is entered before its event has come, and the event, which may
 * have megabytes, is read at the first model call: most invocations make none.
 */
export class Invocation {
  readonly scope: Scope;
  /** Class of what the runtime has told of the function itself, beside what it has returned. */
  errorType: string | undefined;
  #startMs = 0;
  #arrived: ArrivedEvent | undefined;
  #work: FunctionRequest | JobState | undefined;

  constructor() {
    const readWork = (): FunctionRequest | JobState | undefined => this.#readWork();
    // Own properties: an inner scope is a copy, and knows what they are then.
    this.scope = {
      get request() {
        const work = readWork();
        return work instanceof FunctionRequest ? work : undefined;
      },
      get job() {
        const work = readWork();
        return work instanceof JobState ? work : undefined;
      },
    };
  }

  arrive(event: ArrivedEvent): void {
    this.#startMs = readNowMs();
    this.#arrived = event;
  }

  #readWork(): FunctionRequest | JobState | undefined {
    const arrived = this.#arrived;
    if (arrived === undefined) return this.#work;
    this.#arrived = undefined;
    const work = readLambdaEvent(JSON.parse(arrived.body), arrived.lambda);
    this.#work =
      'job' in work
        ? new JobState(work.job, undefined, this.#startMs)
        : new FunctionRequest(work, this.#startMs);
    return this.#work;
  }

  /** It has been answered. */
  return(returned: unknown): void {
    if (this.errorType === undefined) this.#finish()?.return(returned);
    else this.end(this.errorType);
  }

  /** It has ended with an error, of that class. */
  end(errorType: string): void {
    this.#finish()?.end({ errorType });
  }

  /** Of an invocation that has made no call by its end nothing is read any more. */
  #finish(): FunctionRequest | JobState | undefined {
    this.#arrived = undefined;
    return this.#work;
  }
}
