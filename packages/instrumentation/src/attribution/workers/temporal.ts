import type { Worker } from './worker.js';

interface ActivityInfo {
  readonly activityType: string;
  readonly activityId: unknown;
  readonly workflowExecution?: { readonly workflowId?: unknown; readonly runId?: unknown };
  readonly attempt?: number;
  readonly retryPolicy?: { readonly maximumAttempts?: number };
}

/** An activity that has said that it is completed later, from elsewhere. */
const LATER = 'CompleteAsyncError';

/** Activities of Temporal 1; its workflows call no model by themselves. Every attempt of an activity is one task. */
export const temporal: Worker = {
  module: { package: '@temporalio/worker', files: ['lib/activity'], exportName: 'Activity' },
  method: 'execute',
  readJob({ instance }) {
    const { activityType, activityId, workflowExecution, attempt, retryPolicy } = (
      instance as { info: ActivityInfo }
    ).info;
    return {
      kind: 'job',
      name: activityType,
      key: [workflowExecution?.workflowId, workflowExecution?.runId, activityId],
      willRetry(thrown) {
        const { name, nonRetryable } = (thrown ?? {}) as { name?: unknown; nonRetryable?: unknown };
        if (name === LATER) return true;
        const limit = retryPolicy?.maximumAttempts;
        return limit !== undefined && nonRetryable !== true && (limit === 0 || (attempt ?? 1) < limit);
      },
    };
  },
};
