/** Programs that hold a session over a WebSocket, with and without the preload, against a server of the test. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RunResult, run, type SinkSpan, startOtlpSink } from '@costspan/testkit';
import { type WebSocket, WebSocketServer } from 'ws';
import { ONE_POST } from '../preload/preload.ts';
import { PRELOAD } from './app-run.ts';

export interface SessionServer {
  /** `http://HOST:PORT`. */
  readonly origin: string;
  close(): void;
}

/** Serves sessions; `converse` says what the provider says. */
export async function startSessionServer(
  converse: (socket: WebSocket, request: IncomingMessage) => void,
): Promise<SessionServer> {
  const server = createServer();
  new WebSocketServer({ server }).on('connection', converse);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type SessionRun = Pick<RunResult, 'stdout' | 'stderr' | 'exitCode'> & {
  readonly spans: readonly SinkSpan[];
};

/** Runs one program of the `app` folder bare, then under the preload. */
export async function runSession(
  file: string,
  programArguments: readonly string[],
  { origin }: SessionServer,
): Promise<{ readonly bare: SessionRun; readonly recorded: SessionRun }> {
  const runOnce = async (flags: readonly string[]): Promise<SessionRun> => {
    const sink = await startOtlpSink();
    const program = new URL(`./app/${file}`, import.meta.url).pathname;
    const { stdout, stderr, exitCode } = await run(
      process.execPath,
      [...flags, program, ...programArguments],
      {
        env: {
          PATH: process.env.PATH,
          CONFORMANCE_ORIGIN: origin,
          OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
          OTEL_SERVICE_NAME: 'voice',
          ...ONE_POST,
        },
      },
    );
    const { spans } = sink;
    await sink.close();
    return { stdout, stderr, exitCode, spans };
  };
  return { bare: await runOnce([]), recorded: await runOnce(['--require', PRELOAD]) };
}
