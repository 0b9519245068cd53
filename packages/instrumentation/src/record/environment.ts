import { warnOperator } from '../diagnostics.js';
import { type OtlpTarget, readOption } from './endpoint.js';
import { MAX_WHOLE, readWhole } from './whole.js';

/** Numbers of the batches, with what holds where they are absent or wrong. OpenTelemetry's queue holds 2,048 and waits 5 s. */
const COUNTS = {
  OTEL_BSP_MAX_QUEUE_SIZE: 16_384,
  OTEL_BSP_SCHEDULE_DELAY: 1_000,
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 512,
} as const;
type Count = keyof typeof COUNTS;

/** Where finished spans of ours are written. */
export interface Exporters {
  readonly otlp: boolean;
  /** On standard error: standard output is the application's. */
  readonly console: boolean;
}

const ENDPOINT_FIX =
  'Fix: set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to an OTLP/HTTP address, port 4318 by default';

/** `OTEL_SDK_DISABLED` and `OTEL_TRACES_EXPORTER`. Exporters that costspan does not have count as OTLP. */
export function readExporters(env: NodeJS.ProcessEnv): Exporters {
  if (isSaid(env.OTEL_SDK_DISABLED, 'true')) return { otlp: false, console: false };
  const names = readNames(env);
  const console = names.includes('console');
  const others = names.filter((name) => name !== 'console' && name !== 'none');
  return { otlp: others.length > 0 || names.length === 0, console };
}

const readNames = (env: NodeJS.ProcessEnv): string[] =>
  (env.OTEL_TRACES_EXPORTER ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');

/** A number of {@link COUNTS}. */
export const readCount = (env: NodeJS.ProcessEnv, name: Count): number =>
  readWhole(env[name]) ?? COUNTS[name];

const isSaid = (text: string | undefined, value: string): boolean => text?.trim().toLowerCase() === value;

/** Warns of what cannot be followed as it is set, when there is something to send. */
export function warnOfEnvironment(env: NodeJS.ProcessEnv, target: OtlpTarget): void {
  const warn = (message: string): void => warnOperator('COSTSPAN_ENVIRONMENT', message);
  for (const [name, fallback] of Object.entries(COUNTS)) {
    if (env[name]?.trim() && readWhole(env[name]) === undefined)
      warn(`${name}=${env[name]} is no whole number from 1 to ${MAX_WHOLE}; costspan takes ${fallback}.`);
  }
  const disabled = env.OTEL_SDK_DISABLED?.trim();
  if (disabled && !isSaid(disabled, 'false'))
    warn(`OTEL_SDK_DISABLED=${disabled} is neither true nor false; costspan takes false.`);
  for (const name of readNames(env)) {
    if (!['otlp', 'console', 'none'].includes(name))
      warn(
        `OTEL_TRACES_EXPORTER names ${name}, which costspan does not have; it sends OTLP to ${target.url}. ` +
          'Fix: name otlp, console or none.',
      );
  }
  warnOfOptions(env, target, warn);
}

function warnOfOptions(env: NodeJS.ProcessEnv, { url }: OtlpTarget, warn: (message: string) => void): void {
  const protocol = readOption(env, 'PROTOCOL');
  if (protocol !== undefined && !/^http\/(?:json|protobuf)$/i.test(protocol)) {
    warnOperator(
      'COSTSPAN_OTLP_PROTOCOL',
      `costspan sends OTLP as http/json to ${url}, and the environment asks for ${protocol}. ${ENDPOINT_FIX}.`,
    );
  } else if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    warn(
      `costspan can send nothing to ${url}, which is no http or https address. ${ENDPOINT_FIX}, such as http://localhost:4318/v1/traces.`,
    );
  }
  const compression = readOption(env, 'COMPRESSION');
  if (compression !== undefined && !/^(?:gzip|none)$/i.test(compression))
    warn(`OTEL_EXPORTER_OTLP_COMPRESSION=${compression} is neither gzip nor none; costspan takes none.`);
  const timeout = readOption(env, 'TIMEOUT');
  if (timeout !== undefined && readWhole(timeout) === undefined)
    warn(
      `OTEL_EXPORTER_OTLP_TIMEOUT=${timeout} is no whole number from 1 to ${MAX_WHOLE}; costspan takes its default.`,
    );
}
