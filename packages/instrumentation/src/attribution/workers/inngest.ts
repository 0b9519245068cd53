import type { JobEnd } from '../job.js';
import type { Worker } from './worker.js';

interface Execution {
  /** What `start` has given, which it does once. */
  readonly execution?: unknown;
  readonly options: {
    readonly runId?: unknown;
    readonly fn?: { readonly opts?: { readonly id?: unknown } };
  };
}

interface Result {
  readonly type?: unknown;
  readonly retriable?: unknown;
}

/** One request brings a run as far as its next step: all of them are one task, which ends with the function. */
function readEnd({ type, retriable }: Result): JobEnd {
  if (type === 'function-resolved') return {};
  if (type === 'function-rejected' && retriable === false) return { errorType: type };
  return { isOpen: true };
}

/** Functions of Inngest 4. */
export const inngest: Worker = {
  module: {
    package: 'inngest',
    files: ['components/execution/engine'],
    exportName: 'InngestExecutionEngine',
  },
  method: 'start',
  readJob({ instance }) {
    const { execution, options } = instance as Execution;
    const id = options.fn?.opts?.id;
    if (execution !== undefined || typeof id !== 'string') return undefined;
    return {
      kind: 'job',
      name: id,
      key: options.runId === undefined ? undefined : [id, options.runId],
      readEnd: (returned) => readEnd((returned ?? {}) as Result),
      willRetry: () => true,
    };
  },
};
