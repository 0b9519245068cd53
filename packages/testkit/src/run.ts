import { type ChildProcess, spawn } from 'node:child_process';
import { type JsonObject, parseObject, readString } from './json.js';
import { PATIENCE_MS, TEST_LIMIT_MS } from './patience.js';

/** How a child process ended. */
export interface RunResult {
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** It did not end in time and was killed. */
  readonly isTimedOut: boolean;
}

/** Options of `run` and `startProcess`. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Killed with SIGKILL after that time. */
  readonly timeoutMs?: number;
}

/** A child process that goes on running. */
export interface RunningProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Waits for a JSON line with `event: name` on stdout. @throws when it ends or the time is over before that. */
  waitForEvent(name: string, options?: { timeoutMs?: number }): Promise<JsonObject>;
  /** Sends a signal (SIGTERM), waits for the end and kills when that takes longer than {@link PATIENCE_MS}. */
  stop(options?: { signal?: NodeJS.Signals }): Promise<RunResult>;
  /** The end, whenever it comes. */
  readonly ended: Promise<RunResult>;
}

/** Runs a command to its end, within {@link TEST_LIMIT_MS} when nothing is said; a failure is a result, not an exception. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return startProcess(command, args, { timeoutMs: TEST_LIMIT_MS, ...options }).ended;
}

/** Starts a command and keeps hold of it; without `timeoutMs` it runs until it is stopped. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): RunningProcess {
  const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: 'pipe' });
  const output = { stdout: '', stderr: '', isTimedOut: false };
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      notify();
    });
  }
  // Writing to a child that is already gone is its own affair.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          output.isTimedOut = true;
          child.kill('SIGKILL');
        }, options.timeoutMs);
  const ended = new Promise<RunResult>((resolve) => {
    const settle = (exitCode: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      resolve({ ...output, exitCode: exitCode ?? undefined, signal: signal ?? undefined });
      notify();
    };
    child.once('close', settle);
    child.once('error', (error) => {
      output.stderr += `${error.message}\n`;
      settle(null, null);
    });
  });
  return {
    pid: child.pid ?? -1,
    child,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    waitForEvent: (name, { timeoutMs = PATIENCE_MS } = {}) =>
      waitForLine({ name, timeoutMs, output, ended, listeners, command }),
    stop: async ({ signal = 'SIGTERM' } = {}) => {
      child.kill(signal);
      const killer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      const result = await ended;
      clearTimeout(killer);
      return result;
    },
    ended,
  };
}

interface Wait {
  readonly name: string;
  readonly timeoutMs: number;
  readonly output: { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<RunResult>;
  readonly listeners: Set<() => void>;
  readonly command: string;
}

function waitForLine(wait: Wait): Promise<JsonObject> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      clearTimeout(timer);
      wait.listeners.delete(look);
      act();
    };
    const fail = (why: string) =>
      finish(() =>
        reject(new Error(`${wait.command}: no event "${wait.name}": ${why}\n${wait.output.stderr}`)),
      );
    const look = () => {
      const found = wait.output.stdout
        .split('\n')
        .map(parseObject)
        .find((line) => readString(line.event) === wait.name);
      if (found !== undefined) finish(() => resolve(found));
    };
    const timer = setTimeout(() => fail(`${wait.timeoutMs} ms are over`), wait.timeoutMs);
    wait.listeners.add(look);
    look();
    void wait.ended.then((result) => fail(`it ended with ${result.exitCode ?? result.signal ?? 'an error'}`));
  });
}
