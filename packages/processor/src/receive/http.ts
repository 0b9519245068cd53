import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Right } from '@costspan/config';
import type { Gate, Visitor } from '../access/gate.js';
import type { Processor } from '../processor.js';
import { NotDurableError } from '../store/journal.js';
import { type BodyLimits, readHttpBody, useBody, usePacked } from './body.js';
import { answerCost, type ReadCost } from './cost.js';
import { decodeLogsProtobuf } from './decode.js';
import { decodeLogsJson } from './decode-json.js';
import { parseOutcome } from './outcome.js';
import { parseJson } from './parse-json.js';
import { type Encoding, readEncoding, reply, replyError, replyExport } from './reply.js';
import { RequestError } from './request-error.js';
import { describeRejections } from './spans.js';
import { MalformedError } from './wire.js';

/** What the routes of the OTLP door need. */
export interface Door extends BodyLimits {
  readonly processor: Processor;
  readonly gate: Gate;
  /** Told of what is our fault. */
  readonly onError: (error: unknown) => void;
  /** Told of every refusal: nothing in it is of the sender's making. */
  readonly onRefusal: (refusal: Refusal) => void;
  readonly readCost?: ReadCost;
}

/** Why a request was not taken. */
export type Refusal = Pick<RequestError, 'reason' | 'httpStatus'>;

/** How long a sender shall wait before it sends again what could not be taken. */
const RETRY_AFTER_SECONDS = 1;
const RETRIED: readonly number[] = [429, 503];

interface Route {
  readonly method: 'GET' | 'POST';
  readonly right: Right;
  readonly answer: (door: Door, request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** One entry a path. */
const ROUTES: Readonly<Record<string, Route>> = {
  '/v1/traces': { method: 'POST', right: 'ingest', answer: receiveTraces },
  '/v1/logs': { method: 'POST', right: 'ingest', answer: receiveLogs },
  '/v1/outcomes': { method: 'POST', right: 'outcomes', answer: receiveOutcome },
  '/api/v1/cost': {
    method: 'GET',
    right: 'read',
    answer: (door, request, response) => answerCost(door.readCost, request, response),
  },
};

/** Answers one request to the OTLP door, whatever it holds; every refusal is counted by its reason. */
export async function receive(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const encoding = readEncoding(request.headers['content-type']);
  try {
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
    if (route === undefined)
      throw new RequestError(404, 'unknown_path', {
        message: `there is ${Object.keys(ROUTES).join(' and ')} here`,
      });
    const { method } = route;
    if (request.method !== method) {
      response.setHeader('allow', method);
      throw new RequestError(405, 'method_not_allowed', { message: `${path} takes ${method}` });
    }
    door.gate.admit(readVisitor(request), route.right);
    await route.answer(door, request, response);
  } catch (error) {
    refuse(door, response, { error, encoding: encoding ?? 'json' });
    // What is still on its way is read and forgotten: closing on it would reset the connection and take the answer
    // with it. The server's request timeout bounds it.
    request.resume();
  }
}

/** Who sends the request. */
export const readVisitor = (request: IncomingMessage): Visitor => ({
  authorization: request.headers.authorization,
  address: request.socket.remoteAddress ?? '',
});

function refuse(
  door: Door,
  response: ServerResponse,
  { error, encoding }: { error: unknown; encoding: Encoding },
) {
  const refusal = noteRefusal(door, error);
  if (response.headersSent || response.destroyed) return;
  // OTLP: an exporter that finds it waits so long and sends the same again.
  if (RETRIED.includes(refusal.httpStatus)) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
  if (refusal.httpStatus === 401) response.setHeader('www-authenticate', 'Bearer');
  replyError(response, refusal.httpStatus, { message: refusal.message, encoding });
}

/** Counts what was not taken, tells the log, and says what the sender is told. */
export function noteRefusal(door: Door, error: unknown): RequestError {
  const refusal = toRequestError(error);
  const { reason, httpStatus } = refusal;
  door.processor.countRejected(reason, 1);
  if (httpStatus === 500) door.onError(error);
  door.onRefusal({ reason, httpStatus });
  return refusal;
}

function toRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof MalformedError) return new RequestError(400, 'malformed', { message: error.message });
  if (error instanceof NotDurableError)
    return new RequestError(503, `not_durable_${error.reason}`, { message: error.message });
  return new RequestError(500, 'internal', { message: 'the processor failed; see its log' });
}

function readOtlpEncoding(request: IncomingMessage): Encoding {
  const encoding = readEncoding(request.headers['content-type']);
  if (encoding !== undefined) return encoding;
  throw new RequestError(415, 'unsupported_type', {
    message: 'Content-Type must be application/x-protobuf or application/json',
  });
}

/** Evaluations as OTLP logs; all other records are taken and forgotten. */
async function receiveLogs(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const encoding = readOtlpEncoding(request);
  const { decodeOptions } = door.processor;
  const rejected = await useBody(readHttpBody(request, door), door, (body) => {
    const logs =
      encoding === 'protobuf' ? decodeLogsProtobuf(body, decodeOptions) : decodeLogsJson(body, decodeOptions);
    return door.processor.ingestLogs(logs, body.length);
  });
  const message = rejected === 0 ? '' : 'evaluation_without_task';
  replyExport(response, encoding, { rejected, message, signal: 'LogRecords' });
}

async function receiveTraces(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const encoding = readOtlpEncoding(request);
  const rejected = await usePacked(readHttpBody(request, door), door, (body) =>
    door.processor.ingestBody(body, encoding),
  );
  const message = describeRejections(rejected);
  replyExport(response, encoding, { rejected: rejected.length, message, signal: 'Spans' });
}

async function receiveOutcome(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (readEncoding(request.headers['content-type']) !== 'json')
    throw new RequestError(415, 'unsupported_type', { message: 'Content-Type must be application/json' });
  await useBody(readHttpBody(request, door), door, (body) =>
    door.processor.recordOutcome(parseOutcome(parseJson(body))),
  );
  reply(response, 200, { body: Buffer.from('{}'), encoding: 'json' });
}
