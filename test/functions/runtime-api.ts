/** A stand-in of the Runtime API of AWS Lambda, version 2018-06-01: hands out events and takes what comes of them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An event that is handed to a function. */
export interface Invoke {
  readonly id: string;
  readonly event: unknown;
  /** How long the function may take. */
  readonly timeoutMs?: number;
}

/** What came of one. */
export interface Invoked {
  readonly id: string;
  readonly kind: 'response' | 'error';
  readonly body: string;
  /** Of a stream: what it said at its end. */
  readonly errorType?: string;
}

export interface RuntimeApi {
  /** Host and port. */
  readonly address: string;
  readonly invoked: readonly Invoked[];
  close(): Promise<void>;
}

export interface RuntimeApiOptions {
  readonly invokes: readonly Invoke[];
  /** The function asks for the next event: its environment is frozen until there is one. */
  readonly onNext: (asked: number) => void;
}

const PATH = /^\/2018-06-01\/runtime\/invocation\/(?:(next)|([^/]+)\/(response|error))$/;
const TRAILER = 'lambda-runtime-function-error-type';

export async function startRuntimeApi({ invokes, onNext }: RuntimeApiOptions): Promise<RuntimeApi> {
  const invoked: Invoked[] = [];
  let asked = 0;
  const hand = (response: ServerResponse): void => {
    const invoke = invokes[asked];
    asked += 1;
    onNext(asked);
    // There is no other: the environment stays frozen.
    if (invoke === undefined) return;
    response.writeHead(200, {
      'content-type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': invoke.id,
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-west-1:123456789012:function:answer',
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + (invoke.timeoutMs ?? 900_000)),
    });
    response.end(JSON.stringify(invoke.event));
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const [, next, id = '', kind] = PATH.exec(request.url ?? '') ?? [];
    if (next !== undefined) {
      hand(response);
      return;
    }
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const errorType = request.trailers[TRAILER];
      invoked.push({
        id,
        kind: kind === 'error' ? 'error' : 'response',
        body,
        ...(errorType === undefined ? {} : { errorType }),
      });
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoked,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
