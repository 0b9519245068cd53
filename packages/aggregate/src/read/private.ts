/** What stands for a value that was a person's or a secret. */
export const REDACTED = 'redacted';

// Read from its middle, and of a token's head a bounded part: from each start to the end, a long text takes minutes.
const EMAIL = /[^\s@<>"']@[^\s@<>"']+\.[A-Za-z]{2,}/;
/** How providers and code hosts begin their keys, and a JSON Web Token. */
const KEY =
  /\b(?:sk|rk|pk|gsk|xai|hf|pplx|ghp|gho|ghs|github_pat|glpat|xox[a-z])[-_][A-Za-z0-9_-]{16,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\beyJ[\w-]{10,1000}\.[\w-]{10,}/;
/** The shortest key that {@link KEY} knows. */
const MIN_KEY_CHARS = 19;

/** More of a text is kept nowhere: `limits.label_chars` is at most 10,000. */
const MAX_EXAMINED_CHARS = 12_000;

/** Whether a text looks like an e-mail address or holds a key: it must not become a label or reach a disk. */
export function looksPrivate(text: string): boolean {
  const head = text.length > MAX_EXAMINED_CHARS ? text.slice(0, MAX_EXAMINED_CHARS) : text;
  return (head.includes('@') && EMAIL.test(head)) || (head.length >= MIN_KEY_CHARS && KEY.test(head));
}
