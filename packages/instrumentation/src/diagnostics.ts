import { isMainThread } from 'node:worker_threads';
import { requireLazily } from './lazy.js';

type Diag = {
  warn(message: string, ...rest: unknown[]): void;
  debug(message: string, ...rest: unknown[]): void;
};

const told = new Set<string>();
/** At most this many different failures are told; the rest would be noise about the same thing. */
const MAX_TOLD = 100;

/** What concerns the whole process: the main thread has told it, its workers need not. */
const PROCESS_WIDE = ['COSTSPAN_CONFIG', 'COSTSPAN_ENVIRONMENT'];

/** Loaded with the first failure: most processes have none. */
function isDiagRegistered(): boolean {
  const door = requireLazily('./otel-door.js') as typeof import('./otel-door.js');
  return door.readOtelRegistry()?.diag !== undefined;
}

function findDiag(): Diag | undefined {
  try {
    return (requireLazily('@opentelemetry/api') as { diag: Diag }).diag;
  } catch {
    return undefined;
  }
}

/** Values of `OTEL_LOG_LEVEL` at which OpenTelemetry's SDK would let a warning be seen. */
const SHOWS_WARNINGS = ['all', 'verbose', 'debug', 'info', 'warn'];

/** `JSON.parse` quotes what it could not read, which may be what a model has said. */
const withoutQuote = (error: unknown): unknown =>
  error instanceof SyntaxError ? new SyntaxError('a text cannot be parsed') : error;

/**
 * Tells a failure of ours on OpenTelemetry's `diag`, once per place, and swallows it: a telemetry failure costs one
 * line and nothing else. Where nobody listens there, `OTEL_LOG_LEVEL` makes a warning of Node's of it.
 */
export function reportFailure(place: string, error: unknown): void {
  if (told.has(place) || told.size >= MAX_TOLD) return;
  told.add(place);
  try {
    const shown = withoutQuote(error);
    const level = process.env.OTEL_LOG_LEVEL?.trim().toLowerCase() ?? '';
    if (SHOWS_WARNINGS.includes(level) && !isDiagRegistered())
      warnOperator('COSTSPAN_FAILURE', `costspan: ${place} failed: ${String(shown)}`);
    else findDiag()?.warn(`costspan: ${place} failed`, shown);
  } catch {
    // The application's diag logger threw: there is nobody left to tell.
  }
}

/**
 * Warns the operator once, on Node's own warning channel (standard error unless the application listens): for what
 * the operator must mend, such as a wrong configuration or an SDK version that is not recorded.
 */
export function warnOperator(code: string, message: string): void {
  if (told.has(message) || (!isMainThread && PROCESS_WIDE.includes(code))) return;
  told.add(message);
  try {
    process.emitWarning(message, { type: 'CostspanWarning', code });
  } catch {
    // An application may throw from its warning listener only asynchronously; nothing to do here.
  }
}

/** Runs a step of telemetry; what it throws is reported and gives `undefined`. */
export function guard<T>(place: string, step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    reportFailure(place, error);
    return undefined;
  }
}
