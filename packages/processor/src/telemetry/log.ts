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

const DEFAULT_LEVEL = 'info';

/**
 * The processor's log: one JSON line an entry, with level and time. Whoever writes to it passes words of our own, names
 * and numbers, never anything of what was received.
 */
export function createLog(stream: DestinationStream, env: Readonly<Record<string, string | undefined>>): Log {
  const asked = env.OTEL_LOG_LEVEL?.trim().toLowerCase() ?? '';
  const level = Object.hasOwn(LEVELS, asked) ? LEVELS[asked] : undefined;
  const options = {
    level: level ?? DEFAULT_LEVEL,
    // Who it is and where it runs is said by whoever collects it.
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const log = pino(options, stream);
  if (level === undefined && asked !== '') {
    const message = `OTEL_LOG_LEVEL=${env.OTEL_LOG_LEVEL} is none of its levels; ${DEFAULT_LEVEL} is taken`;
    log.warn({ message, fix: `write one of ${Object.keys(LEVELS).join(', ')}` });
  }
  return log;
}
