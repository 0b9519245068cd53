/** Characters of a task's id, as `@costspan/api` has them. A longer one is refused: cut, two tasks could become one. */
export const MAX_TASK_ID_CHARS = 256;

/** Whether a text can be the id of a task: 1 to 256 characters, no control characters among them. */
export const isTaskId = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value.length <= MAX_TASK_ID_CHARS &&
  (PLAIN.test(value) || !CONTROL.test(value));
const PLAIN = /^[ -~]+$/;
const CONTROL = /\p{Cc}/u;
