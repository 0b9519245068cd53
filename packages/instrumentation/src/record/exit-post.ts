import { Worker } from 'node:worker_threads';
import { reportFailure } from '../diagnostics.js';
import type { OtlpTarget } from './endpoint.js';

/** The longest that our last post may hold up the end of a process. */
const EXIT_POST_LIMIT_MS = 500;

/** Runs in a thread of its own, since the ending process's event loop turns no more. Plain script, no modules of ours. */
const POST_SCRIPT = `
const { workerData: { url, headers, body, done } } = require('node:worker_threads');
const finish = () => { Atomics.store(done, 0, 1); Atomics.notify(done, 0); };
const { request } = require(url.startsWith('https:') ? 'node:https' : 'node:http');
const post = request(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json', 'content-length': body.length } });
post.on('response', (response) => { response.resume(); response.on('close', finish); });
post.on('error', finish);
post.end(Buffer.from(body));
`;

/**
 * Posts an OTLP body while the process is ending (`exit` event): blocks until the receiver answered, at most
 * {@link EXIT_POST_LIMIT_MS}. How the process ends stays as it was.
 */
export function postBeforeExit({ url, headers }: OtlpTarget, body: Uint8Array): void {
  try {
    const done = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(POST_SCRIPT, {
      eval: true,
      workerData: { url, headers, body, done },
      // None of the application's preloads or flags.
      execArgv: [],
      env: {},
      stdout: false,
      stderr: true,
    });
    worker.on('error', () => undefined);
    worker.unref();
    Atomics.wait(done, 0, 0, EXIT_POST_LIMIT_MS);
  } catch (error) {
    reportFailure('exporting at exit', error);
  }
}
