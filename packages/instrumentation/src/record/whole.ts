/** The longest that Node sets a timer to, and more than anybody keeps: a longer one fires at once, with a warning of Node's. */
export const MAX_WHOLE = 2_147_483_647;

/** A whole number from 1 to {@link MAX_WHOLE}: a count, or milliseconds. */
export function readWhole(text: string | undefined): number | undefined {
  if (!/^\s*\d+\s*$/.test(text ?? '')) return undefined;
  const value = Number(text);
  return value >= 1 && value <= MAX_WHOLE ? value : undefined;
}
