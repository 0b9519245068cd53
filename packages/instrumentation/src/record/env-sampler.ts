import type { SpanContext } from '@opentelemetry/api';
import { warnOperator } from '../diagnostics.js';

/** What a sampling decision looks at. */
export interface Sampleable {
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
}

type Decide = (span: Sampleable) => boolean;
const SAMPLED = 1;

/**
 * The sampler that `OTEL_TRACES_SAMPLER` and `…_ARG` name, for a process without a tracer provider whose
 * `COSTSPAN_EXPORT` is `sampled`. All of them decide by the trace id alone, so a whole trace stays or goes; only the
 * `parentbased_*` ones also follow a parent of another process.
 */
export function createEnvSampler(env: NodeJS.ProcessEnv): Decide {
  const name = env.OTEL_TRACES_SAMPLER?.trim().toLowerCase() || 'parentbased_always_on';
  const rootName = name.replace(/^parentbased_/, '');
  const decideRoot = createRootSampler(rootName, env.OTEL_TRACES_SAMPLER_ARG);
  if (rootName === name) return decideRoot;
  return (span) =>
    span.parent?.isRemote === true ? (span.parent.traceFlags & SAMPLED) !== 0 : decideRoot(span);
}

function createRootSampler(name: string, argument: string | undefined): Decide {
  if (name === 'always_off') return () => false;
  if (name === 'traceidratio') {
    const ratio = readRatio(argument);
    const bound = ratio === 1 ? Number.POSITIVE_INFINITY : Math.floor(ratio * MAX_UINT_32);
    return ({ context }) => foldTraceId(context.traceId) < bound;
  }
  if (name !== 'always_on') {
    warnOperator(
      'COSTSPAN_ENVIRONMENT',
      `OTEL_TRACES_SAMPLER names ${name}, which costspan does not have; it takes always_on.`,
    );
  }
  return () => true;
}

const MAX_UINT_32 = 0xffff_ffff;

/** Four 32-bit words folded into one, as OpenTelemetry's own ratio sampler does: both keep the same traces. */
function foldTraceId(traceId: string): number {
  let folded = 0;
  for (let at = 0; at < 32; at += 8) folded ^= Number.parseInt(traceId.slice(at, at + 8), 16);
  return folded >>> 0;
}

/** From 0 to 1; what is absent or out of range counts as 1, as in OpenTelemetry's SDK. */
function readRatio(argument: string | undefined): number {
  const ratio = Number(argument);
  if (!argument?.trim()) return 1;
  if (ratio >= 0 && ratio <= 1) return ratio;
  warnOperator(
    'COSTSPAN_ENVIRONMENT',
    `OTEL_TRACES_SAMPLER_ARG=${argument} is no number from 0 to 1; costspan takes 1.`,
  );
  return 1;
}
