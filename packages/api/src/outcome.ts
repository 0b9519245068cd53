import type { ExplicitOutcome, OutcomeDetail } from './contract.js';
import { readRuntime } from './runtime.js';

/**
 * Says how a task ended, from anywhere and at any later time: another process, a feedback button, a reopened ticket.
 * Before the task's deadline it decides; afterwards the task is reclassified.
 *
 * @example
 * app.post('/feedback', (req, res) => {
 *   recordOutcome(req.body.taskId, req.body.isUp ? 'success' : 'failure', { reason: 'thumbs' });
 *   res.end();
 * });
 */
export const recordOutcome = (taskId: string, outcome: ExplicitOutcome, detail: OutcomeDetail = {}): void =>
  readRuntime()?.recordOutcome(taskId, outcome, detail);

/**
 * A user's thumb on a task's result: up is `success`, down is `failure`, source `feedback`, reason `thumbs-up` or
 * `thumbs-down`. The id may be days old and of another process.
 *
 * @example
 * app.post('/thumbs', (req, res) => {
 *   recordThumb(req.body.taskId, req.body.isUp ? 'up' : 'down');
 *   res.end();
 * });
 */
export const recordThumb = (taskId: string, thumb: 'up' | 'down', detail: OutcomeDetail = {}): void =>
  readRuntime()?.recordOutcome(taskId, thumb === 'up' ? 'success' : 'failure', {
    ...detail,
    reason: detail.reason ?? `thumbs-${thumb}`,
    source: 'feedback',
  });

/**
 * The ticket that a task had closed is open again: the task was a `failure` after all, source `feedback`, reason
 * `reopened` where none is given. A task that has settled is reclassified.
 *
 * @example
 * tickets.on('reopened', ({ taskId }) => recordReopened(taskId));
 */
export const recordReopened = (taskId: string, detail: OutcomeDetail = {}): void =>
  readRuntime()?.recordOutcome(taskId, 'failure', {
    ...detail,
    reason: detail.reason ?? 'reopened',
    source: 'feedback',
  });

/**
 * The last answer of a model in the current task does not have the form that it must have. By the default rules the
 * task has failed, unless a later call of it brings an answer of which nothing is said. `reason` is a class in a few
 * words of low cardinality, default `invalid_output`. What the `parse` helpers of the OpenAI SDK throw is known without
 * it, and so is a throw that nobody catches.
 *
 * @example
 * const parsed = Reply.safeParse(answer);
 * if (!parsed.success) reportInvalidOutput('schema');
 */
export const reportInvalidOutput = (reason?: string): void => readRuntime()?.reportInvalidOutput?.(reason);
