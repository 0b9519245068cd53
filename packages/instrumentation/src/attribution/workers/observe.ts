import { type Method, type PatchedClass, wrapFunction, wrapOwnMethod } from '../../call/wrap.js';
import { guard } from '../../diagnostics.js';
import { requireLazily } from '../../lazy.js';
import type { Found } from '../../load/announce.js';
import { followResult } from '../completion.js';
import { FunctionRequest, type RequestWork } from '../functions/function-request.js';
import { type Job, JobState } from '../job.js';
import { ActiveOtel, type OtelApi } from '../otel.js';
import { currentScope, type Scope, scopeStorage } from '../scope.js';
import type { JobEnding, Worker, WorkerRun } from './worker.js';

/** Follows the jobs of a class, or of a function, that has been loaded. What they do and return stays as it was. */
export function observeWorker(
  { loadedClass, replace }: { loadedClass: unknown; replace?: Found['replace'] },
  worker: Worker,
): void {
  const observe = (original: Method): Method => observeMethod(original, worker);
  // A class is no function to be put in the place of.
  if (worker.method === undefined && worker.endings === undefined)
    replace?.(wrapFunction(loadedClass as Method, observe));
  for (const method of [worker.method ?? []].flat())
    wrapOwnMethod(loadedClass as PatchedClass, method, observe);
  for (const [method, ending] of Object.entries(worker.endings ?? {}))
    wrapOwnMethod(loadedClass as PatchedClass, method, (original) => observeEnding(original, ending));
}

function observeMethod(original: Method, worker: Worker): Method {
  const { exchange } = worker;
  if (exchange === undefined) return observeRuns(original, (run) => asWork(worker.readJob?.(run)));
  return function method(this: object, ...args: unknown[]): unknown {
    const exchanged = guard('following the jobs of a worker', () =>
      exchange({ args, instance: this }, (handler, readJob) =>
        typeof handler === 'function'
          ? wrapHandler(handler as Method, (run) => asWork(readJob(run)))
          : handler,
      ),
    );
    return original.apply(this, [...(exchanged ?? args)]);
  };
}

/** What one run is for: a job, or a request that a platform has handed to a function. */
type Work = { readonly job: Job } | RequestWork;
const asWork = (job: Job | undefined): Work | undefined => (job === undefined ? undefined : { job });

/** A function of the application's: it keeps its name, its length and what else it has. */
export function wrapHandler(handler: Method, readWork: (run: WorkerRun) => Work | undefined): Method {
  return wrapFunction(handler, (original) => {
    const { arguments: _arguments, caller: _caller, ...own } = Object.getOwnPropertyDescriptors(original);
    return Object.defineProperties(observeRuns(original, readWork), own);
  });
}

const observeRuns = (original: Method, readWork: (run: WorkerRun) => Work | undefined): Method =>
  function method(this: object, ...args: unknown[]): unknown {
    const work = guard('reading a job', () => readWork({ args, instance: this }));
    return work === undefined ? original.apply(this, args) : runWork(work, () => original.apply(this, args));
  };

const otel = new ActiveOtel(() => requireLazily('@opentelemetry/api') as OtelApi);

/** What the application has yet to acknowledge or to reject. */
const unsettled = new WeakMap<object, JobState>();

function begin(work: Work): Pick<Scope, 'job' | 'request'> & { readonly state: JobState | FunctionRequest } {
  if ('request' in work) {
    const request = new FunctionRequest(work);
    return { request, state: request };
  }
  const outerSpan = otel.readSpan(otel.readContext())?.spanContext();
  const job = new JobState(work.job, outerSpan);
  if (work.job.message !== undefined) unsettled.set(work.job.message, job);
  return { job, state: job };
}

function runWork(work: Work, run: () => unknown): unknown {
  const begun = guard('beginning a job', () => begin(work));
  if (begun === undefined) return run();
  const { state, ...begunScope } = begun;
  // A new scope, not a copy: what was around when the worker was started is not the job's, unless that was its feature.
  const feature = currentScope()?.feature;
  const scope: Scope = feature === undefined ? begunScope : { ...begunScope, feature };
  const enter = <T>(fn: () => T): T => scopeStorage.run(scope, fn);
  let result: unknown;
  try {
    result = enter(run);
  } catch (error) {
    guard('ending a job', () => state.fail(error));
    throw error;
  }
  // Whoever acknowledges by itself and gives no promise goes on with its work.
  if ('job' in work && work.job.message !== undefined && !isPromiseLike(result)) return result;
  const completion = {
    done: (value?: unknown) => void guard('ending a job', () => state.return(value)),
    failed: (error: unknown) => void guard('ending a job', () => state.fail(error)),
  };
  return guard('following a job', () => followResult(result, enter, completion)) ?? result;
}

const isPromiseLike = (value: unknown): boolean =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

const observeEnding = (original: Method, ending: JobEnding): Method =>
  function method(this: object, ...args: unknown[]): unknown {
    guard('ending a job', () => {
      const state = unsettled.get(args[0] as object) ?? unsettled.get(this);
      state?.end(ending === 'done' ? {} : { errorType: ending });
    });
    return original.apply(this, args);
  };
