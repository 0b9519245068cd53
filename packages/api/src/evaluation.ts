import type { Evaluator } from './contract.js';
import { readRuntime } from './runtime.js';

/**
 * Judges a task by its id, from anywhere and at any later time. A task that is still open in this process is judged
 * when its function has returned, as by {@link Task.evaluate}; for any other the judge runs now, in the background.
 * Never throws and never waits; without a preload nothing is judged.
 *
 * @example
 * evaluateTask(ticketId, { name: 'tone', evaluate: () => askCheapModel(transcript), sampleRate: 0.05 });
 */
export const evaluateTask = (taskId: string, evaluator: Evaluator): void =>
  readRuntime()?.evaluateTask(taskId, evaluator);
