import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/** The levels of `OTEL_LOG_LEVEL`, as OpenTelemetry names them. */
const LEVELS: Readonly<Record<string, string>> = {
  none: 'silent',
  error: 'error',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
  verbose: 'trace',
  all: 'trace',
};

/**
 * The processor's log: one JSON line an entry, with level and time. Whoever writes to it passes words of our own, names
 * and numbers, never anything of what was received.
 */
export function createLog(stream: DestinationStream, env: Readonly<Record<string, string | undefined>>): Log {
  const options = {
    level: LEVELS[env.OTEL_LOG_LEVEL?.trim().toLowerCase() ?? ''] ?? 'info',
    // Who it is and where it runs is said by whoever collects it.
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, stream);
}
