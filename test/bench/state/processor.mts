/** A processor in a process of its own, with a data directory that goes with it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What it has taken since it was asked before. */
export interface ProcessorFigures {
  readonly peakRssBytes: number;
  readonly heapBytes: number;
  /** Since its start. */
  readonly cpuMs: number;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly openTasks: number;
}

const LIMIT_MS = 600_000;

export class MeasuredProcessor {
  readonly otlpHttp: string;
  readonly metrics: string;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #timer: NodeJS.Timeout;

  static async start(): Promise<MeasuredProcessor> {
    const directory = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
    const program = fileURLToPath(new URL('../programs/processor.cjs', import.meta.url));
    // As the unit of systemd and the image have it.
    const env = { ...process.env, MALLOC_ARENA_MAX: '2' };
    const child = fork(program, [directory], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env });
    const [doors] = await once(child, 'message');
    return new MeasuredProcessor(child, directory, doors);
  }

  private constructor(child: ChildProcess, directory: string, doors: { otlpHttp: string; metrics: string }) {
    this.#child = child;
    this.#directory = directory;
    this.otlpHttp = doors.otlpHttp;
    this.metrics = doors.metrics;
    this.#timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  }

  async figures(): Promise<ProcessorFigures> {
    this.#child.send('figures');
    const [figures] = await once(this.#child, 'message');
    return figures;
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.send('close');
    await exited;
    clearTimeout(this.#timer);
    rmSync(this.#directory, { recursive: true });
  }
}
