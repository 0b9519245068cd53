import { readHost } from '../providers/hosts.js';
import { isModelApi } from '../providers/model-paths.js';
import type { RequestHeaders } from './caller.js';
import type { RequestState } from './request.js';

/** A client does not tell a server the port that its scheme has anyway. */
const USUAL_PORTS: readonly (number | undefined)[] = [80, 443];

/**
 * Where a request that asks a model was sent, as whoever has sent it knows it: a gateway's calls for it are known by that
 * for parts of the calls that were sent there. A proxy on the way that writes a name of its own tells the one it had.
 */
export function readEntryHost(
  request: Pick<RequestState, 'method' | 'readTarget'>,
  headers: RequestHeaders,
): string | undefined {
  if (request.method !== 'POST') return undefined;
  const [path = ''] = request.readTarget().split('?', 1);
  if (!isModelApi(path)) return undefined;
  const named = headers['x-forwarded-host'] ?? headers.host ?? headers[':authority'];
  if (typeof named !== 'string') return undefined;
  const [first = ''] = named.split(',', 1);
  const { serverAddress, serverPort } = readHost({ baseUrl: `http://${first.trim()}`, classNames: [] }, '');
  if (serverAddress === undefined || USUAL_PORTS.includes(serverPort)) return serverAddress;
  return `${serverAddress}:${serverPort}`;
}
