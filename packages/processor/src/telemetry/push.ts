import { randomUUID } from 'node:crypto';
import type { Snapshot } from '@costspan/aggregate';
import type { StartError } from '../arguments.js';
import { describeFetchFailure } from '../fetch-failure.js';
import type { Log } from './log.js';
import { renderOtlpMetrics } from './otlp-metrics.js';

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENDPOINT = 'http://localhost:4318';
const DEFAULT_INTERVAL_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 10_000;
/** The longest that Node sets a timer to: a longer one fires at once, again and again. */
const MAX_MS = 2_147_483_647;
/** Of OpenTelemetry's names those that say what this processor does: `/metrics` is served whatever is asked for. */
const EXPORTERS: readonly string[] = ['otlp', 'prometheus', 'none'];
const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Where the processor's own metrics go, by OpenTelemetry's variables. */
export interface PushTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

type Tell = (problem: StartError) => void;

/**
 * Undefined unless `OTEL_METRICS_EXPORTER` says `otlp`: these metrics are on `/metrics` anyway. `tell` gets what is set
 * wrongly, and what is done instead.
 */
export function readPushTarget(env: Env, tell: Tell): PushTarget | undefined {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return undefined;
  const exporters = (env.OTEL_METRICS_EXPORTER ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  for (const name of exporters) if (!EXPORTERS.includes(name)) tell(describeExporter(name));
  if (!exporters.includes('otlp')) return undefined;
  const url = readEndpoint(env);
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    tell(describeEndpoint(url));
    return undefined;
  }
  return {
    url,
    headers: {
      ...readPairs(env.OTEL_EXPORTER_OTLP_HEADERS),
      ...readPairs(env.OTEL_EXPORTER_OTLP_METRICS_HEADERS),
      'content-type': 'application/json',
    },
    resource: {
      'service.instance.id': randomUUID(),
      ...readPairs(env.OTEL_RESOURCE_ATTRIBUTES),
      'service.name': env.OTEL_SERVICE_NAME || 'costspan-processor',
    },
    intervalMs: readMs(env, { names: ['OTEL_METRIC_EXPORT_INTERVAL'], absent: DEFAULT_INTERVAL_MS, tell }),
    timeoutMs: readMs(env, { names: TIMEOUTS, absent: DEFAULT_TIMEOUT_MS, tell }),
  };
}

const TIMEOUTS = ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'] as const;

function readEndpoint(env: Env): string {
  const own = env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT?.trim();
  const general = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim() || DEFAULT_ENDPOINT;
  // `http://` alone has no host: with a path behind it, the path's first word would be one.
  return own || (URL.canParse(general) ? `${general.replace(/\/+$/, '')}/v1/metrics` : general);
}

interface Milliseconds {
  /** The first that is set holds. */
  readonly names: readonly string[];
  readonly absent: number;
  readonly tell: Tell;
}

function readMs(env: Env, { names, absent, tell }: Milliseconds): number {
  const name = names.find((candidate) => env[candidate]?.trim());
  if (name === undefined) return absent;
  const text = env[name]!.trim();
  const ms = /^\d+$/.test(text) ? Number(text) : 0;
  if (ms >= 1 && ms <= MAX_MS) return ms;
  tell({
    code: 'COSTSPAN_METRICS_PUSH',
    message: `${name}=${text} is no whole number of milliseconds from 1 to ${MAX_MS}; ${absent} is taken`,
    fix: `write for example ${name}=${absent}`,
  });
  return absent;
}

/** `a=1,b=2`, percent-encoded, as OpenTelemetry writes headers and resource attributes. */
function readPairs(text = ''): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decode(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Sends the processor's own metrics by OTLP/HTTP JSON. One that fails is not sent again: the next holds its sums. */
export class MetricsPush {
  readonly #target: PushTarget;
  readonly #read: () => readonly Snapshot[];
  readonly #log: Log;
  readonly #startMs = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isFailing = false;

  constructor(target: PushTarget, options: { readonly read: () => readonly Snapshot[]; readonly log: Log }) {
    this.#target = target;
    this.#read = options.read;
    this.#log = options.log;
  }

  /** `doors`: where this processor listens; it is never its own receiver. */
  start(doors: readonly string[]): void {
    if (isOwnDoor(this.#target.url, doors)) {
      this.#log.warn(OWN_DOOR);
      return;
    }
    this.#timer = setInterval(() => this.#push(), this.#target.intervalMs);
    this.#timer.unref();
  }

  /** Sends the last sums. */
  async close(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    await this.#sending;
    this.#push();
    await this.#sending;
  }

  #push(): void {
    // A receiver that is slower than the interval gets fewer.
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  async #send(): Promise<void> {
    const { url, headers, resource, timeoutMs } = this.#target;
    const body = renderOtlpMetrics(this.#read(), { resource, startMs: this.#startMs, nowMs: Date.now() });
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
      await response.body?.cancel();
      this.#note(response.ok ? undefined : `HTTP ${response.status}`);
    } catch (error) {
      this.#note(describeFetchFailure(error));
    }
  }

  #note(failure: string | undefined): void {
    const isNews = this.#isFailing !== (failure !== undefined);
    this.#isFailing = failure !== undefined;
    if (!isNews) return;
    if (failure === undefined) this.#log.info({ event: 'metrics_push_works' });
    else this.#log.warn(describePushFailure(failure));
  }
}

function isOwnDoor(url: string, doors: readonly string[]): boolean {
  const target = new URL(url);
  return doors.some((door) => {
    const { hostname, port } = new URL(door);
    const isSameHost =
      hostname === target.hostname || LOCAL_HOSTS.includes(target.hostname) || target.hostname === '0.0.0.0';
    return isSameHost && port === target.port;
  });
}

const OWN_DOOR: StartError = {
  code: 'COSTSPAN_METRICS_PUSH_LOOP',
  message:
    'OTEL_METRICS_EXPORTER=otlp would send the metrics of this processor to itself; they stay on /metrics',
  fix: 'set OTEL_EXPORTER_OTLP_METRICS_ENDPOINT to a receiver of metrics, or unset OTEL_METRICS_EXPORTER',
};

const describePushFailure = (failure: string): StartError => ({
  code: 'COSTSPAN_METRICS_PUSH',
  message: `the processor's own metrics cannot be sent (${failure})`,
  fix: 'check OTEL_EXPORTER_OTLP_METRICS_ENDPOINT and its headers; /metrics has the same numbers',
});

/** Who may send stands before the host in some addresses. */
const withoutUser = (url: string): string => url.replace(/^(\w+:\/\/)[^/]*@/, '$1');

const describeEndpoint = (url: string): StartError => ({
  code: 'COSTSPAN_METRICS_PUSH',
  message: `the processor's own metrics cannot be sent to ${withoutUser(url)}, which is no http or https address; they stay on /metrics`,
  fix: 'set OTEL_EXPORTER_OTLP_METRICS_ENDPOINT to an OTLP/HTTP address, such as http://localhost:4318/v1/metrics',
});

const describeExporter = (name: string): StartError => ({
  code: 'COSTSPAN_METRICS_PUSH',
  message: `OTEL_METRICS_EXPORTER names ${name}, which the processor does not have`,
  fix: `name ${EXPORTERS.join(' or ')}; /metrics is served whatever is named`,
});
