import { ATTR } from '@costspan/semconv';
import { boundLabel, readNumber, readText } from './attribute.js';
import type { SpanView } from './span.js';

/** The longest name that a host can have, and a port. */
const MAX_HOST_CHARS = 260;
/** A client does not tell a server the port that its scheme has anyway. */
const USUAL_PORTS: ReadonlySet<number | undefined> = new Set([undefined, 80, 443]);

type Attributes = SpanView['attributes'];

/** Where a call went. */
export function readSentTo(attributes: Attributes): string | undefined {
  const address = readHost(attributes[ATTR.SERVER_ADDRESS]);
  if (address === undefined) return undefined;
  const port = readNumber(attributes[ATTR.SERVER_PORT]);
  return USUAL_PORTS.has(port) ? address : `${address}:${port}`;
}

/** At which host of its own service the request came in that a call was made for. */
export const readAskedAt = (attributes: Attributes): string | undefined =>
  readHost(attributes[ATTR.ENTRY_HOST]);

/** The last that was found to be a host: mostly one call goes to where the one before it went. */
let lastHost: string | undefined;

/** Undefined where it could be no host: half a name is another one's. */
function readHost(value: unknown): string | undefined {
  if (value === lastHost) return lastHost;
  const host = readText(value);
  if (host === undefined || boundLabel(host, MAX_HOST_CHARS) !== host) return undefined;
  lastHost = host;
  return host;
}
