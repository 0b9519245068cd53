import { readNowMs } from '../../timers.js';
import { JobState } from '../job.js';
import type { RequestEnd } from '../request.js';
import type { Scope } from '../scope.js';
import { FunctionRequest } from './function-request.js';
import { type LambdaFunction, readLambdaEvent } from './lambda-event.js';

/** An event as the runtime has fetched it. */
export interface ArrivedEvent {
  /** JSON. */
  readonly body: string;
  readonly lambda: LambdaFunction;
}

/** What an invocation is for, and how its end is read from what the function has returned. */
type Work =
  | { readonly request: FunctionRequest; readonly readEnd: (returned: unknown) => RequestEnd }
  | { readonly job: JobState };

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
  #work: Work | undefined;

  constructor() {
    const readWork = (): Work | undefined => this.#readWork();
    // Own properties: an inner scope is a copy, and knows what they are then.
    this.scope = {
      get request() {
        const work = readWork();
        return work !== undefined && 'request' in work ? work.request : undefined;
      },
      get job() {
        const work = readWork();
        return work !== undefined && 'job' in work ? work.job : undefined;
      },
    };
  }

  arrive(event: ArrivedEvent): void {
    this.#startMs = readNowMs();
    this.#arrived = event;
  }

  #readWork(): Work | undefined {
    const arrived = this.#arrived;
    if (arrived === undefined) return this.#work;
    this.#arrived = undefined;
    const work = readLambdaEvent(JSON.parse(arrived.body), arrived.lambda);
    this.#work =
      'job' in work
        ? { job: new JobState(work.job, undefined, this.#startMs) }
        : { request: new FunctionRequest(work.request, this.#startMs), readEnd: work.readEnd };
    return this.#work;
  }

  /** It has been answered. */
  return(returned: unknown): void {
    const { errorType } = this;
    if (errorType !== undefined) {
      this.end(errorType);
      return;
    }
    const work = this.#finish();
    if (work === undefined) return;
    if ('job' in work) work.job.return(returned);
    else work.request.close(work.readEnd(returned));
  }

  /** It has ended with an error, of that class. What the client is answered then, each gateway knows for itself. */
  end(errorType: string): void {
    const work = this.#finish();
    if (work === undefined) return;
    if ('job' in work) work.job.end({ errorType });
    else work.request.close({ statusCode: undefined, isAborted: false, errorType });
  }

  /** Of an invocation that has made no call by its end nothing is read any more. */
  #finish(): Work | undefined {
    this.#arrived = undefined;
    return this.#work;
  }
}
