/** One measured process: started fresh, bounded in time, its last report read. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CountingSink } from './sink.mts';
import type { Variant } from './variants.mts';

export interface Measured {
  /** What the program reported. */
  readonly figures: Readonly<Record<string, number>>;
  /** From the start of the process to its end. */
  readonly wallMs: number;
  /** Spans that the sink received meanwhile. */
  readonly spans: number;
}

export interface ChildOptions {
  readonly program: string;
  readonly sink: CountingSink;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const LIMIT_MS = 600_000;
/** What a process may inherit; nothing of the runner's own settings reaches it. */
const INHERITED = ['PATH', 'HOME', 'SystemRoot', 'TMPDIR', 'TEMP'];

/** Starts a variant's process; standard output is piped, warnings go nowhere. */
export function startChild(variant: Variant, options: ChildOptions): ChildProcess {
  const requires = variant.preloads.flatMap((preload) => ['--require', preload]);
  const inherited = Object.fromEntries(
    INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return spawn(
    process.execPath,
    [...(options.nodeFlags ?? []), ...requires, `programs/${options.program}.cjs`],
    {
      cwd: FOLDER,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        ...inherited,
        OTEL_SERVICE_NAME: 'bench',
        OTEL_EXPORTER_OTLP_ENDPOINT: options.sink.endpoint,
        ...options.env,
      },
    },
  );
}

/** Runs a program to its end. @throws when it fails, reports nothing or takes too long. */
export async function measureChild(variant: Variant, options: ChildOptions): Promise<Measured> {
  options.sink.takeCount();
  const startMs = performance.now();
  const child = startChild(variant, options);
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const exited = new Promise<{ code: number | null; wallMs: number }>((resolve) => {
    child.once('exit', (code) => resolve({ code, wallMs: performance.now() - startMs }));
  });
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  const { code, wallMs } = await exited;
  if (code !== 0) throw new Error(`${options.program} under ${variant.name} ended with ${code}`);
  return { figures: readReport(stdout), wallMs, spans: options.sink.takeCount() };
}

/** The last report in a process's output. */
export function readReport(stdout: string): Record<string, number> {
  const line = stdout.split('\n').findLast((candidate) => candidate.startsWith('{"bench":'));
  if (line === undefined) throw new Error(`a measured process reported nothing: ${stdout.slice(0, 500)}`);
  return (JSON.parse(line) as { bench: Record<string, number> }).bench;
}
