import { looksPrivate, REDACTED } from './private.js';

/** A text attribute; undefined when it is none or empty. */
export const readText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A count or a duration; undefined when it is no number from 0 to `max`. Emitters write some ints as text. */
export function readNumber(value: unknown, max = Number.MAX_VALUE): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= max ? number : undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The first characters, half a one as U+FFFD, as a text of its own: a slice keeps the whole text in memory as long as
 * it is kept itself.
 */
export const cutText = (text: string, maxChars: number): string =>
  text.length <= maxChars ? text : decoder.decode(encoder.encode(text.slice(0, maxChars)));

const PLAIN = /^[ -~]*$/;
/** Values that were found to be as they may be, and how many are remembered. */
const plainLabels = new Set<string>();
const MAX_PLAIN_LABELS = 10_000;

/**
 * A label value that no exposition trips over: bounded, without control characters or halves of characters, and
 * nobody's e-mail address or key.
 */
export function boundLabel(value: string, maxChars: number, onCut?: () => void): string {
  if (value === '' || (value.length <= maxChars && plainLabels.has(value))) return value;
  if (looksPrivate(value)) return REDACTED;
  // Nearly every label is plain and short.
  if (value.length <= maxChars && PLAIN.test(value)) {
    if (plainLabels.size >= MAX_PLAIN_LABELS) plainLabels.clear();
    plainLabels.add(value);
    return value;
  }
  if (value.length > maxChars) onCut?.();
  return cutText(value, maxChars)
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}
