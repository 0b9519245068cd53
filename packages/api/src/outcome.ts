import { type ExplicitOutcome, type OutcomeDetail, readRuntime } from './runtime.js';

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
