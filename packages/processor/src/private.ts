import { createHash } from 'node:crypto';
import { looksPrivate } from '@costspan/aggregate';
import { ATTR } from '@costspan/semconv';

/** Texts that name a task or an answer; an emitter may have made them of anything. */
const IDS: readonly string[] = [ATTR.TASK_ID, ATTR.TASK_PARENT_ID, ATTR.RESPONSE_ID];
const DIGEST_CHARS = 22;

/** The same for the same text, and nothing of the text. */
export const digestText = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_CHARS);

/** An id that is kept: one that looks like an e-mail address or a key as a digest, so that it still names the same. */
export const hideId = (id: string): string => (looksPrivate(id) ? digestText(id) : id);

type Attributes = Readonly<Record<string, unknown>>;

/** The attributes with ids that may be kept. */
export function hideIds(attributes: Attributes): Attributes {
  let hidden = attributes;
  for (const name of IDS) {
    const id = attributes[name];
    if (typeof id === 'string' && looksPrivate(id)) hidden = { ...hidden, [name]: digestText(id) };
  }
  return hidden;
}
