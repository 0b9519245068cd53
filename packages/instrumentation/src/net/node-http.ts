import type { Exchange } from './exchange.js';
import { intercept } from './undici.js';

/** `http.ClientRequest`, as far as it is looked at. */
export interface NodeRequest {
  readonly method: string;
  readonly protocol: string;
  readonly host: string;
  readonly path: string;
  readonly headersSent: boolean;
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): void;
  removeHeader(name: string): void;
}
/** `http.IncomingMessage`. */
export interface NodeResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Where a request goes; a port that is not the protocol's own stands in the `Host` header. */
export function readUrl(request: NodeRequest): string {
  const host = request.getHeader('host');
  return `${request.protocol}//${typeof host === 'string' ? host : request.host}${request.path}`;
}

/** Node's own way of every part of a request to its connection; the first part brings the head along. */
export function tapNodeRequest(request: NodeRequest, exchange: Exchange): void {
  intercept(request, '_send', (part) => exchange.send(part));
}

/** Node's own way of every part of a response from its connection; `null` is the end. */
export function tapNodeResponse(response: NodeResponse, exchange: Exchange): void {
  const { statusCode, headers } = response;
  exchange.respond(statusCode, (name) => (typeof headers[name] === 'string' ? headers[name] : undefined));
  intercept(response, 'push', (part) => (part === null ? exchange.end() : exchange.receive(part)));
  intercept(response, '_destroy', () => exchange.abort());
}
