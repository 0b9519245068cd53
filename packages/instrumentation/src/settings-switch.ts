import { existsSync } from 'node:fs';
import { CONFIG_FILE, ENV } from '@costspan/semconv';

/** Reads an environment variable that is `true` or `false`; `undefined` for anything else. Loads nothing: the preload starts with it. */
export function readSwitch(env: NodeJS.ProcessEnv, name: string): boolean | undefined {
  const text = env[name]?.trim().toLowerCase();
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return undefined;
}

/** False when `COSTSPAN_ENABLED` says so: then nothing is patched. */
export const isEnabled = (env: NodeJS.ProcessEnv): boolean => readSwitch(env, ENV.ENABLED) ?? true;

/** Variables whose values can be wrong. */
const CHECKED_VARIABLES = [
  ENV.CONFIG,
  ENV.ENABLED,
  ENV.EXPORT,
  ENV.INJECT_STREAM_USAGE,
  ENV.METRICS_PORT,
  ENV.UNKNOWN_HOSTS,
  ENV.LLM_GATEWAYS,
  'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
];

/** Whether anything is set that can be set wrongly: then it is checked at the start, else when it is needed. */
export const isConfigured = (env: NodeJS.ProcessEnv): boolean =>
  CHECKED_VARIABLES.some((name) => env[name]) || existsSync(CONFIG_FILE);
