import {
  type Config,
  DEFAULT_CONFIG,
  describeUnknownVariable,
  findUnknownVariables,
  loadConfig,
  renderConfigErrors,
} from '@costspan/config';
import { ENV } from '@costspan/semconv';
import { guard, reportFailure, warnOperator } from './diagnostics.js';
import { readGateways } from './net/gateways.js';
import { readSwitch } from './settings-switch.js';

/** What the environment and `costspan.yaml` say, read once, when the first LLM SDK is loaded. */
export interface Settings {
  readonly config: Config;
  /** `COSTSPAN_INJECT_STREAM_USAGE`. */
  readonly asksForStreamUsage: boolean;
  /** `COSTSPAN_UNKNOWN_HOSTS`. */
  readonly countsUnknownHosts: boolean;
  /** `COSTSPAN_METRICS_PORT`; 0 takes a free one. */
  readonly metricsPort: number | undefined;
  /** `COSTSPAN_EXPORT`. */
  readonly exportMode: 'all' | 'sampled';
  /** `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`. */
  readonly isContentCaptured: boolean;
  /** Longest text of captured content, in UTF-16 code units: `OTEL_(SPAN_)ATTRIBUTE_VALUE_LENGTH_LIMIT`. */
  readonly maxContentChars: number;
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  // Whoever reads this is enabled; what it says is looked at for what may be wrong with it.
  readSwitchOr(env, ENV.ENABLED, true);
  const config = readConfig(env);
  guard('reading the environment', () => warnOfMistyped(env, config));
  warnOfWrongGateways(env);
  return {
    config,
    asksForStreamUsage: readSwitchOr(env, ENV.INJECT_STREAM_USAGE, true),
    countsUnknownHosts: readSwitchOr(env, ENV.UNKNOWN_HOSTS, true),
    metricsPort: readPort(env),
    exportMode: readChoice(env, ENV.EXPORT, ['all', 'sampled']),
    isContentCaptured: readSwitchOr(env, 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', false),
    maxContentChars: readMaxChars(env),
  };
}

/** Where none of ours is near, the variable may be of the application's own. */
function warnOfMistyped(env: NodeJS.ProcessEnv, config: Config): void {
  for (const unknown of findUnknownVariables(env, config))
    if (unknown.closest !== undefined) warnOperator('COSTSPAN_ENVIRONMENT', describeUnknownVariable(unknown));
}

function warnOfWrongGateways(env: NodeJS.ProcessEnv): void {
  for (const wrong of readGateways(env).wrong)
    warnOperator(
      'COSTSPAN_ENVIRONMENT',
      `${ENV.LLM_GATEWAYS}=${env[ENV.LLM_GATEWAYS]}: ${wrong} is no host; costspan leaves it out. ` +
        'Fix: write hosts with commas between, such as llm.internal,localhost:4000.',
    );
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

/** Names, models and prices are never cut: they are short, and what is counted by them must stay whole. */
function readMaxChars(env: NodeJS.ProcessEnv): number {
  const text =
    env.OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT?.trim() || env.OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT?.trim();
  return text && /^\d+$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}

function readPort(env: NodeJS.ProcessEnv): number | undefined {
  const text = env[ENV.METRICS_PORT]?.trim();
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  warnOperator(
    'COSTSPAN_ENVIRONMENT',
    `${ENV.METRICS_PORT}=${text} is no port (0 to 65535); costspan serves no metrics.`,
  );
  return undefined;
}
