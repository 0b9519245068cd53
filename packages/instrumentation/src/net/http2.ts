import type { Exchange } from './exchange.js';
import { intercept } from './undici.js';

/** Headers of a request or a response over HTTP/2, as Node tells of them. */
export type Http2Headers = Readonly<Record<string, unknown>>;

/** `ClientHttp2Stream`, as far as it is looked at. */
export interface Http2Stream {
  readonly session?: object | undefined;
}

/** undici notes on a session which of its clients it is of: its own channels tell of those requests. */
export const isUndici = ({ session = {} }: Http2Stream): boolean =>
  Object.getOwnPropertySymbols(session).some(({ description }) => description === 'client');

/** Where a request goes. */
export const readHttp2Url = (headers: Http2Headers): string =>
  `${String(headers[':scheme'])}://${String(headers[':authority'])}${String(headers[':path'])}`;

/** A part of the request's body, or several. */
export interface Http2Sent {
  readonly writev: boolean;
  readonly data: unknown;
  readonly encoding: unknown;
}

export function sendHttp2(exchange: Exchange, { writev, data, encoding }: Http2Sent): void {
  const parts = writev ? (data as { chunk: unknown; encoding: unknown }[]) : [{ chunk: data, encoding }];
  for (const part of parts)
    exchange.send(
      typeof part.chunk === 'string'
        ? Buffer.from(part.chunk, part.encoding as NodeJS.BufferEncoding)
        : part.chunk,
    );
}

/** The head of the response; every part of it then passes Node's own way from the connection, `null` is the end. */
export function respondHttp2(exchange: Exchange, stream: Http2Stream, headers: Http2Headers): void {
  exchange.respond(Number(headers[':status']), (name) =>
    typeof headers[name] === 'string' ? headers[name] : undefined,
  );
  let hasEnded = false;
  intercept(stream, 'push', (part) => {
    if (part !== null) exchange.receive(part);
    else if (!hasEnded) exchange.end();
    hasEnded ||= part === null;
  });
}
