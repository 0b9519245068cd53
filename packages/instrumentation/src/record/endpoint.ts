import { ENV } from '@costspan/semconv';
import { warnOperator } from '../diagnostics.js';
import { VERSION } from '../version.js';
import { readWhole } from './whole.js';

/** Where and how the cost pipeline sends, from the standard `OTEL_EXPORTER_OTLP_*` variables. */
export interface OtlpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** One request may take this long. */
  readonly timeoutMs: number;
  /** A receiver that says nothing holds up the end of a process this long: `COSTSPAN_EXIT_WAIT_MS`. */
  readonly exitWaitMs: number;
  readonly isGzip: boolean;
  /** PEM files; read when the first request is sent. */
  readonly tlsFiles: Readonly<Partial<Record<'ca' | 'cert' | 'key', TlsFile>>>;
}

export interface TlsFile {
  readonly variable: string;
  readonly path: string;
}

const DEFAULT_ENDPOINT = 'http://localhost:4318';
const TRACES_PATH = '/v1/traces';
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_EXIT_WAIT_MS = 500;
/** What waits longer for a receiver is a process that does not end. */
const MAX_EXIT_WAIT_MS = 600_000;

/** True when the operator said where to send; otherwise a joined provider's own exporters are the better guess. */
export const isTargetConfigured = (env: NodeJS.ProcessEnv): boolean =>
  readOption(env, 'ENDPOINT') !== undefined;

/** Reads the target: the signal's endpoint is taken as it is, the general one gets the signal's path. */
export function readOtlpTarget(env: NodeJS.ProcessEnv): OtlpTarget {
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim();
  const general = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim() || DEFAULT_ENDPOINT;
  const files = {
    ca: readFile(env, 'CERTIFICATE'),
    cert: readFile(env, 'CLIENT_CERTIFICATE'),
    key: readFile(env, 'CLIENT_KEY'),
  };
  return {
    url: own || addPath(general),
    headers: addUserAgent({
      ...readHeaders(env, 'OTEL_EXPORTER_OTLP_HEADERS'),
      ...readHeaders(env, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    }),
    timeoutMs: readWhole(readOption(env, 'TIMEOUT')) ?? DEFAULT_TIMEOUT_MS,
    exitWaitMs: readExitWait(env),
    isGzip: readOption(env, 'COMPRESSION')?.toLowerCase() === 'gzip',
    tlsFiles: Object.fromEntries(Object.entries(files).filter(([, file]) => file !== undefined)),
  };
}

/** `http://` alone has no host: with a path behind it, the path's first word would be one. */
const addPath = (endpoint: string): string =>
  URL.canParse(endpoint) ? endpoint.replace(/\/+$/, '') + TRACES_PATH : endpoint;

function readExitWait(env: NodeJS.ProcessEnv): number {
  const text = env[ENV.EXIT_WAIT_MS]?.trim();
  if (!text) return DEFAULT_EXIT_WAIT_MS;
  const waitMs = readWhole(text);
  if (waitMs !== undefined && waitMs <= MAX_EXIT_WAIT_MS) return waitMs;
  warnOperator(
    'COSTSPAN_ENVIRONMENT',
    `${ENV.EXIT_WAIT_MS}=${text} is no whole number from 1 to ${MAX_EXIT_WAIT_MS}; costspan takes ${DEFAULT_EXIT_WAIT_MS}.`,
  );
  return DEFAULT_EXIT_WAIT_MS;
}

/** What HTTP takes as a header's name (a token) and value. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers of a variable. One that HTTP does not take would fail every post: it is left out, with a warning. */
function readHeaders(env: NodeJS.ProcessEnv, variable: string): Record<string, string> {
  const warn = (what: string): void =>
    warnOperator(
      'COSTSPAN_ENVIRONMENT',
      `${variable} has ${what}; costspan leaves it out. Fix: write name=value,name=value, values percent-encoded.`,
    );
  // Never a value: it may be a key.
  const pairs = Object.entries(readPairs(env[variable], () => warn('a part that is not name=value')));
  return Object.fromEntries(
    pairs.filter(([name, value]) => {
      const isSendable = HEADER_NAME.test(name) && HEADER_VALUE.test(value);
      if (!isSendable) warn(`a header that HTTP does not take ("${name.slice(0, 40)}")`);
      return isSendable;
    }),
  );
}

/** OTLP has an exporter say who it is; an operator may say otherwise. */
const addUserAgent = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'user-agent')
    ? headers
    : { 'user-agent': `costspan-instrumentation/${VERSION}`, ...headers };

function readFile(env: NodeJS.ProcessEnv, name: string): TlsFile | undefined {
  const own = `OTEL_EXPORTER_OTLP_TRACES_${name}`;
  const path = readOption(env, name);
  if (path === undefined) return undefined;
  return { variable: env[own]?.trim() ? own : `OTEL_EXPORTER_OTLP_${name}`, path };
}

/** An option of the exporter: the signal's own variable first. An empty variable counts as none. */
export const readOption = (env: NodeJS.ProcessEnv, name: string): string | undefined =>
  env[`OTEL_EXPORTER_OTLP_TRACES_${name}`]?.trim() || env[`OTEL_EXPORTER_OTLP_${name}`]?.trim() || undefined;

/** `key=value,key=value`, values percent-encoded, as the specification writes headers and resource attributes. */
export function readPairs(
  text: string | undefined,
  onWrong?: (pair: string) => void,
): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of text?.split(',') ?? []) {
    const at = pair.indexOf('=');
    if (at <= 0) {
      if (pair.trim() !== '') onWrong?.(pair);
      continue;
    }
    const value = pair.slice(at + 1).trim();
    try {
      pairs[pair.slice(0, at).trim()] = decodeURIComponent(value);
    } catch {
      pairs[pair.slice(0, at).trim()] = value;
    }
  }
  return pairs;
}
