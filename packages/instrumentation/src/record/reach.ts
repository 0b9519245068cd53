import type { TracerProvider } from '@opentelemetry/api';

/** What the public tracer provider of the SDKs 1 to 3 carries without naming it in its types. */
interface Processing {
  readonly _activeSpanProcessor?: object;
  readonly activeSpanProcessor?: object;
}

/** Objects that are looked at; an agent's processor holds the whole agent. */
const MAX_OBJECTS = 2_000;
/** An exporter's address lies seven deep in today's SDK. */
const MAX_DEPTH = 12;
/** Exporters of OpenTelemetry whose address is no URL: those over gRPC. */
const OTLP_EXPORTER = /^OTLP\w*Exporter$/;
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * Whether what a provider does with its spans may bring them to `url`: one of its span processors holds that address,
 * or an OTLP exporter that does not show where it sends. Sentry's and Datadog's providers have no span processor at
 * all, others send to a vendor only; what they get never reaches the endpoint that the operator named.
 */
export function mayReach(provider: TracerProvider, url: string): boolean {
  const { _activeSpanProcessor, activeSpanProcessor } = provider as Processing;
  const processor = _activeSpanProcessor ?? activeSpanProcessor;
  if (processor === undefined) return false;
  const target = readAddress(url);
  let hasHiddenExporter = false;
  let hasOtherUrl = false;
  for (const value of walk(processor)) {
    if (typeof value === 'object') hasHiddenExporter ||= OTLP_EXPORTER.test(readClassName(value));
    else if (readAddress(value) === target) return true;
    else hasOtherUrl = true;
  }
  return hasHiddenExporter && !hasOtherUrl;
}

/** The objects below `root`, and the HTTP addresses among their values, nearest first. Calls no getter. */
function* walk(root: object): Generator<object | string> {
  const seen = new Set<object>([root]);
  let level: object[] = [root];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const next: object[] = [];
    for (const holder of level) {
      yield holder;
      for (const value of readValues(holder)) {
        if (typeof value === 'string' && /^https?:\/\//.test(value)) yield value;
        if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue;
        if (seen.has(value)) continue;
        if (seen.size >= MAX_OBJECTS) return;
        seen.add(value);
        next.push(value);
      }
    }
    level = next;
  }
}

const readValues = (holder: object): unknown[] =>
  Object.values(Object.getOwnPropertyDescriptors(holder)).map(({ value }) => value as unknown);

const readClassName = (value: object): string => String(value.constructor?.name ?? '');

/** Scheme, host and port; the path is another one where a base URL is kept. */
function readAddress(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null) return undefined;
  const { protocol, hostname, port } = parsed;
  return `${protocol}//${LOOPBACK.test(hostname) ? 'localhost' : hostname}:${port}`;
}
