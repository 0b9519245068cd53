import { reportFailure } from '../diagnostics.js';
import type { Exchange } from './exchange.js';

/** A request inside undici, whichever copy and major, as its channels tell of it. */
export interface UndiciRequest {
  readonly origin: unknown;
  readonly path: string;
  readonly method: string;
}
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Names of the method that is handed each part of the response's body: up to major 7, and from 8 on. */
const RECEIVERS = ['onData', 'onResponseData'] as const;

/** Lets the bytes of one request pass by. The object is undici's own: no application ever sees it. */
export function tapUndici(request: UndiciRequest, exchange: Exchange): void {
  intercept(request, 'onBodySent', (part) => exchange.send(part));
  for (const name of RECEIVERS) intercept(request, name, (part) => exchange.receive(part));
}

/** The head of the response: raw header fields as buffers, name and value by turns. */
export function respondUndici(exchange: Exchange, response: unknown): void {
  const { statusCode, headers } = response as { statusCode: number; headers: readonly unknown[] };
  exchange.respond(statusCode, (wanted) => {
    for (let at = 0; at + 1 < headers.length; at += 2)
      if (String(headers[at]).toLowerCase() === wanted) return String(headers[at + 1]);
    return undefined;
  });
}

/** Puts a look at a method's first argument before one object's method. */
export function intercept(target: object, name: string, look: (argument: unknown) => void): void {
  const original = (target as Record<string, Method | undefined>)[name];
  if (typeof original !== 'function') return;
  const value: Method = function (...args) {
    try {
      look(args[0]);
    } catch (error) {
      reportFailure('watching a request', error);
    }
    return original.apply(this, args);
  };
  Object.defineProperty(target, name, { value, configurable: true, enumerable: false, writable: true });
}
