/** What stands for a value that was a person's or a secret. */
export const REDACTED = 'redacted';

const EMAIL = /[^\s@<>"']+@[^\s@<>"']+\.[A-Za-z]{2,}/;
/** How providers and code hosts begin their keys, and a JSON Web Token. */
const KEY =
  /\b(?:sk|rk|pk|gsk|xai|hf|pplx|ghp|gho|ghs|github_pat|glpat|xox[a-z])[-_][A-Za-z0-9_-]{16,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\beyJ[\w-]{10,}\.[\w-]{10,}/;
/** The shortest key that {@link KEY} knows. */
const MIN_KEY_CHARS = 19;

/** Whether a text looks like an e-mail address or holds a key: it must not become a label or reach a disk. */
export const looksPrivate = (text: string): boolean =>
  (text.includes('@') && EMAIL.test(text)) || (text.length >= MIN_KEY_CHARS && KEY.test(text));
