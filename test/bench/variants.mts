/** What is measured side by side: how a process of each variant is started. */
export interface Variant {
  readonly name: string;
  /** Preloads, as Node's `--require` takes them, relative to this folder or a package. */
  readonly preloads: readonly string[];
}

const otelVersion = 'OpenTelemetry SDK 3';

export const NONE: Variant = { name: 'bare SDK', preloads: [] };
export const COSTSPAN: Variant = { name: 'costspan', preloads: ['@costspan/instrumentation/register'] };
export const COSTSPAN_ON_OTEL: Variant = {
  name: `costspan, joining an ${otelVersion}`,
  preloads: ['./preloads/costspan-on-otel.cjs'],
};
export const BARE_SPAN: Variant = {
  name: `a span by hand (${otelVersion})`,
  preloads: ['./preloads/bare-span.cjs'],
};
export const OTEL_SDK: Variant = { name: `${otelVersion} by hand`, preloads: ['./preloads/otel-sdk.cjs'] };

/** Rivals know openai up to 6. The first two need an OpenTelemetry SDK beside them, the third brings its own. */
export const RIVALS: readonly Variant[] = [
  { name: '@opentelemetry/instrumentation-openai', preloads: ['./preloads/contrib.cjs'] },
  { name: '@traceloop/instrumentation-openai', preloads: ['./preloads/traceloop.cjs'] },
  { name: 'openlit', preloads: ['./preloads/openlit.cjs'] },
];
