import { removeFromBaggage } from '../attribution/baggage.js';
import { guard } from '../diagnostics.js';
import type { NodeRequest } from './node-http.js';
import type { UndiciRequest } from './undici.js';

const HEADER = 'baggage';
/** As undici 5 keeps it among the others, in one text. */
const HEADER_LINE = /(?<=^|\r\n)baggage: ([^\r\n]*)\r\n/i;

/**
 * Takes what is ours out of the baggage of a request that is yet to be written, if it goes to a provider: undici reads
 * the headers then, and whoever adds some, before or after us, has done so.
 */
export function bareUndici(request: UndiciRequest, isToProvider: () => boolean): void {
  let headers: unknown = (request as { headers?: unknown }).headers;
  const bare = (text: string): string => removeOurs(text, isToProvider);
  Object.defineProperty(request, 'headers', {
    configurable: true,
    enumerable: true,
    get() {
      headers = guard('reading baggage', () => withBareBaggage(headers, bare)) ?? headers;
      return headers;
    },
    set(value) {
      headers = value;
    },
  });
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

/** Names and values by turns, in the very list that undici has; of undici 5 a text. */
function withBareBaggage(headers: unknown, bare: (text: string) => string): unknown {
  if (typeof headers === 'string')
    return headers.replace(HEADER_LINE, (line, text: string) => {
      const rest = bare(text);
      return rest === '' ? '' : line.replace(text, () => rest);
    });
  if (!Array.isArray(headers)) return headers;
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    const [name, text] = [headers[at], headers[at + 1]];
    if (String(name).toLowerCase() !== HEADER || typeof text !== 'string') continue;
    const rest = bare(text);
    if (rest === '') headers.splice(at, 2);
    else headers[at + 1] = rest;
  }
  return headers;
}
