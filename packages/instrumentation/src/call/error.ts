import { OTHER_ERROR_TYPE } from '@costspan/semconv';

/** The class of what was thrown; its message is never read, since providers repeat prompts and keys in it. */
export function readErrorClass(error: unknown): string {
  if (typeof error !== 'object' || error === null) return OTHER_ERROR_TYPE;
  const { name } = error as { name?: unknown };
  const className = (Object.getPrototypeOf(error) as { constructor?: { name?: unknown } } | null)?.constructor
    ?.name;
  if (typeof className === 'string' && className !== '' && className !== 'Error') return className;
  return typeof name === 'string' && name !== '' ? name : OTHER_ERROR_TYPE;
}

/** What SDKs call the HTTP status on their errors. */
const STATUS_FIELDS = ['status', 'statusCode', 'status_code'] as const;

/** `error.type`: the HTTP status where the provider answered, else the error's class. */
export function readErrorType(error: unknown): string {
  const fields = (error ?? {}) as Record<string, unknown>;
  const { httpStatusCode } = (fields.$metadata ?? {}) as { httpStatusCode?: unknown };
  const status = [...STATUS_FIELDS.map((name) => fields[name]), httpStatusCode].find(
    // A stream that breaks has a status too: the one it began with.
    (value) => typeof value === 'number' && value >= 400,
  );
  return status === undefined ? readErrorClass(error) : String(status);
}

/** SDKs have a class of their own for an abort by the application, fetch throws an `AbortError`. */
export function isAbortError(error: unknown): boolean {
  const className = readErrorClass(error);
  return (
    className === 'APIUserAbortError' ||
    className === 'AbortError' ||
    (error as { name?: unknown })?.name === 'AbortError'
  );
}
