import { isTaskId, MAX_TASK_ID_CHARS, type OutcomeRecord } from '@costspan/aggregate';
import { OUTCOMES } from '@costspan/semconv';
import { hideId } from '../private.js';
import { RequestError } from './request-error.js';

/** The body of `POST /v1/outcomes`: `{task_id, outcome, reason?, score?}`. Throws {@link RequestError}. */
export function parseOutcome(value: unknown): OutcomeRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('the body is not an object');
  const { task_id: taskId, outcome, reason, score } = value as Record<string, unknown>;
  if (!isTaskId(taskId))
    throw invalid(
      `task_id must be a text of 1 to ${MAX_TASK_ID_CHARS} characters without control characters`,
    );
  const known = OUTCOMES.find((word) => word === outcome);
  if (known === undefined || known === 'unknown')
    throw invalid('outcome must be "success", "failure" or "abandoned"');
  if (isThere(reason) && typeof reason !== 'string') throw invalid('reason must be a text');
  if (isThere(score) && !(typeof score === 'number' && Number.isFinite(score)))
    throw invalid('score must be a number');
  return { taskId: hideId(taskId), outcome: known };
}

/** Many write null for what they leave out. */
const isThere = (value: unknown): boolean => value !== undefined && value !== null;

const invalid = (message: string): RequestError => new RequestError(400, 'invalid_outcome', { message });
