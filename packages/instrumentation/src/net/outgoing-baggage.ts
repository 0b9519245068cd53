import { removeFromBaggage } from '../attribution/baggage.js';
import type { NodeRequest } from './node-http.js';
import { changeUndiciHeaders } from './outgoing-headers.js';
import type { UndiciRequest } from './undici.js';

const HEADER = 'baggage';

/** Takes what is ours out of the baggage of a request that is yet to be written, if it goes to a provider. */
export function bareUndici(request: UndiciRequest, isToProvider: () => boolean): void {
  const bare = (sent: readonly string[]): readonly string[] =>
    sent.map((text) => removeOurs(text, isToProvider)).filter((text) => text !== '');
  changeUndiciHeaders(request, [[HEADER, bare]]);
}

/** The same of a request of `node:http`, which has its headers when it is made. */
export function bareNodeRequest(request: NodeRequest, isToProvider: () => boolean): void {
  const text = request.getHeader(HEADER);
  if (typeof text !== 'string' || request.headersSent) return;
  const rest = removeOurs(text, isToProvider);
  if (rest === '') request.removeHeader(HEADER);
  else if (rest !== text) request.setHeader(HEADER, rest);
}

function removeOurs(text: string, isToProvider: () => boolean): string {
  const rest = removeFromBaggage(text);
  // Where it goes is asked last: nearly all requests bear nothing of ours.
  return rest !== text && isToProvider() ? rest : text;
}
