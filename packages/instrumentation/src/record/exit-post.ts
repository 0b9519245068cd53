import { Worker } from 'node:worker_threads';
import { reportFailure } from '../diagnostics.js';
import { mayStartThreads } from '../exit.js';
import { readTicksMs } from '../timers.js';
import { readConnection } from './connection.js';
import type { OtlpTarget } from './endpoint.js';
import { bodyHeaders, compress, type OtlpPost } from './otlp-post.js';

/** Starting the thread takes some 30 ms; on a machine without a free processor it gets this many times the receiver's wait. */
const THREAD_START_WAITS = 2;

/** Runs in a thread of its own, since the ending process's event loop turns no more. Plain script, no modules of ours. */
const POST_SCRIPT = `
const { workerData: { posts, left, waiting } } = require('node:worker_threads');
const finish = () => { Atomics.sub(left, 0, 1); Atomics.notify(left, 0); };
for (const { url, connection, headers, body } of posts) {
  try {
    const { Agent, request } = require(url.startsWith('https:') ? 'node:https' : 'node:http');
    const post = request(url, { agent: new Agent(connection), method: 'POST', headers });
    post.on('response', (response) => response.resume().on('close', finish));
    post.on('error', finish);
    post.end(body);
  } catch {
    finish();
  }
}
Atomics.store(waiting, 0, 0);
Atomics.notify(waiting, 0);
`;

/** What has not arrived at one receiver. */
export interface Unsent {
  readonly target: OtlpTarget;
  readonly post: OtlpPost;
  readonly bodies: readonly Uint8Array[];
}

/**
 * Posts OTLP bodies while the process is ending (`exit` event): blocks until the receivers answered, which together
 * get the longest `exitWaitMs` of the targets, once the thread that posts has started ({@link THREAD_START_WAITS}). Where
 * there may be no thread, nothing is waited for. How the process ends stays as it was.
 */
export function postBeforeExit(unsent: readonly Unsent[]): void {
  try {
    if (!mayStartThreads()) {
      for (const { post, bodies } of unsent) post.writeLast(bodies);
      return;
    }
    const posts = unsent.flatMap(readPosts);
    if (posts.length === 0) return;
    const exitWaitMs = Math.max(...unsent.map(({ target }) => target.exitWaitMs));
    const left = countShared(posts.length);
    const waiting = countShared(1);
    const worker = new Worker(POST_SCRIPT, {
      eval: true,
      workerData: { posts, left, waiting },
      // None of the application's preloads or flags.
      execArgv: [],
      env: {},
      stdout: false,
      stderr: true,
    });
    worker.on('error', () => undefined);
    worker.unref();
    waitForZero(waiting, THREAD_START_WAITS * exitWaitMs);
    waitForZero(left, exitWaitMs);
  } catch (error) {
    reportFailure('exporting at exit', error);
  }
}

function readPosts({ target, bodies }: Unsent): object[] {
  const { url, isGzip, headers } = target;
  const connection = readConnection(target);
  return bodies.map((plain) => {
    const body = isGzip ? compress(plain) : plain;
    return { url, connection, body, headers: { ...headers, ...bodyHeaders(body, isGzip) } };
  });
}

const countShared = (count: number): Int32Array => new Int32Array(new SharedArrayBuffer(4)).fill(count);

function waitForZero(shared: Int32Array, limitMs: number): void {
  const deadlineMs = readTicksMs() + limitMs;
  for (let count = Atomics.load(shared, 0); count > 0; count = Atomics.load(shared, 0)) {
    const remainingMs = deadlineMs - readTicksMs();
    if (remainingMs <= 0 || Atomics.wait(shared, 0, count, remainingMs) === 'timed-out') return;
  }
}
