import { ATTR } from '@costspan/semconv';
import type { CallRecord } from '../records.js';
import { boundLabel, readNumber, readText } from './attribute.js';
import type { SpanView } from './span.js';

/** The longest name that a host can have, and a port. */
const MAX_HOST_CHARS = 260;
/** A client does not tell a server the port that its scheme has anyway. */
const USUAL_PORTS: ReadonlySet<number | undefined> = new Set([undefined, 80, 443]);

type Hosts = Pick<CallRecord, 'sentTo' | 'askedAt'>;

/** Sets where a call went, and at which host of its own service the request came in that it was made for. */
export function setHosts(
  call: { -readonly [Key in keyof Hosts]: Hosts[Key] },
  attributes: SpanView['attributes'],
): void {
  const address = readHost(attributes[ATTR.SERVER_ADDRESS]);
  const askedAt = readHost(attributes[ATTR.ENTRY_HOST]);
  const port = readNumber(attributes[ATTR.SERVER_PORT]);
  if (address !== undefined) call.sentTo = USUAL_PORTS.has(port) ? address : `${address}:${port}`;
  if (askedAt !== undefined) call.askedAt = askedAt;
}

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
