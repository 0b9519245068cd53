import { type Config, DEFAULT_CONFIG, loadConfig, renderConfigErrors } from '@costspan/config';
import { reportFailure, warnOperator } from './diagnostics.js';
import { readSwitch } from './settings-switch.js';

/** What the environment and `costspan.yaml` say, read once, when the first LLM SDK is loaded. */
export interface Settings {
  readonly config: Config;
  /** `COSTSPAN_INJECT_STREAM_USAGE`. */
  readonly asksForStreamUsage: boolean;
  /** `COSTSPAN_METRICS_PORT`; 0 takes a free one. */
  readonly metricsPort: number | undefined;
  /** `COSTSPAN_EXPORT`. */
  readonly exportMode: 'all' | 'sampled';
  /** `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`. */
  readonly isContentCaptured: boolean;
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    config: readConfig(env),
    asksForStreamUsage: readSwitchOr(env, 'COSTSPAN_INJECT_STREAM_USAGE', true),
    metricsPort: readPort(env),
    exportMode: readChoice(env, 'COSTSPAN_EXPORT', ['all', 'sampled']),
    isContentCaptured: readSwitchOr(env, 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', false),
  };
}

/** A wrong file never stops the application: one warning, and the defaults hold. */
function readConfig(env: NodeJS.ProcessEnv): Config {
  try {
    const loaded = loadConfig({ env });
    if (loaded.config !== undefined) return loaded.config;
    warnOperator(
      'COSTSPAN_CONFIG',
      `${renderConfigErrors(loaded.errors ?? [])}\ncostspan goes on with its defaults.`,
    );
  } catch (error) {
    reportFailure('reading the configuration', error);
  }
  return DEFAULT_CONFIG;
}

function readSwitchOr(env: NodeJS.ProcessEnv, name: string, fallback: boolean): boolean {
  const value = readSwitch(env, name);
  if (value === undefined && env[name]?.trim()) {
    warnOperator(
      'COSTSPAN_ENVIRONMENT',
      `${name}=${env[name]} is neither true nor false; costspan takes ${fallback}.`,
    );
  }
  return value ?? fallback;
}

function readChoice<T extends string>(
  env: NodeJS.ProcessEnv,
  name: string,
  choices: readonly [T, ...T[]],
): T {
  const text = env[name]?.trim().toLowerCase();
  if (text === undefined || text === '') return choices[0];
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  warnOperator(
    'COSTSPAN_ENVIRONMENT',
    `${name}=${text} is none of ${choices.join(', ')}; costspan takes ${choices[0]}.`,
  );
  return choices[0];
}

function readPort(env: NodeJS.ProcessEnv): number | undefined {
  const text = env.COSTSPAN_METRICS_PORT?.trim();
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  warnOperator(
    'COSTSPAN_ENVIRONMENT',
    `COSTSPAN_METRICS_PORT=${text} is no port (0 to 65535); costspan serves no metrics.`,
  );
  return undefined;
}
