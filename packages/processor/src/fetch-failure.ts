/**
 * Why `fetch` has failed, by its kind alone: a text of it may hold the address, and that a key. What `fetch` throws has
 * the reason as its cause, such as ECONNREFUSED.
 */
export function describeFetchFailure(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  if (typeof cause?.code === 'string') return cause.code;
  return error instanceof Error ? error.name : 'unknown';
}
