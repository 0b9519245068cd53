import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ATTR } from '@costspan/semconv';
import { CliError, EXIT } from '../verb.js';
import { type ProbeEvent, parseProbeEvents } from './probe-event.js';

/** How the application is started and for how long it is watched. */
export interface ProbeRun {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A service does not end by itself: after a recorded call has been exported, or after this time, it is stopped. */
  readonly limitMs: number;
  /** The doctor's standard output is its own: what the application writes to its goes to standard error. */
  readonly hasOwnStdout: boolean;
  /** Told once, when the application runs and no call has come yet. */
  readonly onWaiting: () => void;
}

/** What was seen of an application. */
export interface Watched {
  readonly events: readonly ProbeEvent[];
  /** How it ended by itself, in words, `with exit code 1`; nothing after a 0, `undefined` where it was stopped. */
  readonly ending: string | undefined;
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const LOOK_EVERY_MS = 100;
/** An application that is quiet for so long is told to be waited for. */
const WAITING_AFTER_MS = 2_000;
/** After the first recorded call, its export gets this long to be seen. */
const EXPORT_WITHIN_MS = 5_000;
/** After SIGTERM. */
const END_WITHIN_MS = 5_000;

/**
 * Starts the application with the doctor's own preload in front of all others and resolves to what was seen: when the
 * application ends, a call was seen and exported, the time is over, or somebody stops the doctor. Its standard streams
 * are the doctor's. Throws {@link CliError} when it cannot be started.
 */
export async function watchApplication(run: ProbeRun): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-doctor-'));
  const file = join(folder, 'events.jsonl');
  writeFileSync(file, '');
  const read = (): ProbeEvent[] => parseProbeEvents(readFileSync(file, 'utf8'));
  const stopped = new AbortController();
  const onSignal = (): void => stopped.abort();
  for (const signal of STOP_SIGNALS) process.once(signal, onSignal);
  try {
    const child = start(run, file);
    // Rejects when it could not be started.
    const ended = once(child, 'exit').catch((error: Error) => refuse(run.command[0]!, error));
    await Promise.race([ended, waitForCall(read, run, stopped.signal)]);
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded && !stopped.signal.aborted) return { events: read(), ending: describeEnding(child) };
    await stop(child, read);
    return { events: read(), ending: undefined };
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
    rmSync(folder, { recursive: true, force: true });
  }
}

function describeEnding({ exitCode, signalCode }: ChildProcess): string {
  if (signalCode !== null) return `with ${signalCode}`;
  return exitCode === 0 ? '' : `with exit code ${exitCode}`;
}

function start({ command: [program, ...args], env, hasOwnStdout }: ProbeRun, file: string): ChildProcess {
  const probe = JSON.stringify(join(__dirname, 'probe.js'));
  return spawn(program!, args, {
    stdio: ['inherit', hasOwnStdout ? process.stderr : 'inherit', 'inherit'],
    env: {
      ...env,
      COSTSPAN_DOCTOR_FILE: file,
      NODE_OPTIONS: `--require ${probe} ${env.NODE_OPTIONS ?? ''}`.trimEnd(),
    },
  });
}

function refuse(program: string, error: Error): never {
  throw new CliError(`cannot start ${program}: ${error.message}`, {
    fix: 'name a command that is there: costspan doctor -- node app.js',
    exitCode: EXIT.FAILED,
  });
}

/** Resolves when a call was recorded and its export was answered, when the time is over, or at the signal. */
async function waitForCall(
  read: () => ProbeEvent[],
  { limitMs, onWaiting }: Pick<ProbeRun, 'limitMs' | 'onWaiting'>,
  signal: AbortSignal,
): Promise<void> {
  const startMs = performance.now();
  let callMs: number | undefined;
  let isTold = false;
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    if (signal.aborted) return;
    const nowMs = performance.now();
    const events = read();
    if (callMs === undefined && events.some(isCall)) callMs = nowMs;
    if (callMs !== undefined) {
      const isExported = events.some(({ event }) => event === 'export');
      if (isExported || nowMs - callMs > EXPORT_WITHIN_MS) return;
    } else if (!isTold && nowMs - startMs > WAITING_AFTER_MS) {
      isTold = true;
      onWaiting();
    }
    if (nowMs - startMs > limitMs) return;
  }
}

const isCall = (event: ProbeEvent): boolean =>
  event.event === 'span' && ATTR.OPERATION_NAME in event.attributes;

/** Ends the command and every Node that it has started: a script of npm hands on no signal to them. */
async function stop({ pid }: ChildProcess, read: () => ProbeEvent[]): Promise<void> {
  const deadlineMs = performance.now() + END_WITHIN_MS;
  const told = new Set<number>();
  for (;;) {
    const pids = new Set([
      pid!,
      ...read().flatMap((event) => (event.event === 'process' ? [event.pid!] : [])),
    ]);
    const alive = [...pids].filter((one) => send(one, 0));
    if (alive.length === 0) return;
    const isLate = performance.now() > deadlineMs;
    for (const one of alive) if (isLate || !told.has(one)) send(one, isLate ? 'SIGKILL' : 'SIGTERM');
    if (isLate) return;
    for (const one of alive) told.add(one);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Whether there was somebody to take it. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
