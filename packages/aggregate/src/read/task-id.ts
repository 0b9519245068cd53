/** Characters of a task's id, as `@costspan/api` has them. A longer one is refused: cut, two tasks could become one. */
export const MAX_TASK_ID_CHARS = 256;

/** Whether a text can be the id of a task: 1 to 256 characters, no control characters among them. */
export function isTaskId(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  // A span is asked for its id by everybody who reads something of it.
  if (value === lastId) return true;
  if (value === '' || value.length > MAX_TASK_ID_CHARS) return false;
  if (!PLAIN.test(value) && CONTROL.test(value)) return false;
  lastId = value;
  return true;
}
const PLAIN = /^[ -~]+$/;
const CONTROL = /\p{Cc}/u;
/** The last one that was one. */
let lastId: string | undefined;
