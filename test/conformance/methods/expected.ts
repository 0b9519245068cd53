/** What the spans of each scenario must say, and what a span does say, both as plain objects to be compared whole. */
import { isObject, readArray, readObject, readString, type SinkSpan } from '@costspan/testkit';
import type { Counts, EndpointPlan, Family, FamilyVersion, Known, OwnSpan } from './family.ts';

/** What is compared of a span. */
export interface SpanSummary {
  readonly name: string;
  readonly provider: string;
  readonly status: string;
  readonly errorType: string | undefined;
  readonly isStream: boolean;
  readonly hasFirstChunk: boolean;
  readonly finish: readonly string[] | undefined;
  readonly resends: number | undefined;
  readonly responseId: string | undefined;
  readonly responseModel: string | undefined;
  readonly usageStatus: string | undefined;
  readonly counts: Counts | undefined;
  readonly costUsd: number | undefined;
  readonly costStatus: string | undefined;
}

/** One scenario of one run. */
export interface Played {
  readonly family: Family;
  readonly version: FamilyVersion;
  readonly endpoint: string;
  readonly scenario: string;
  /** The transcript's line. */
  readonly line: string;
}

const MISSING: Known = { usageStatus: 'missing' };

/** This version of the SDK does not have the method; the run without costspan says the same. */
const hasNoMethod = (line: string): boolean =>
  /"threw":\{"error":"TypeError".{1,200}(?:is not a (?:function|constructor)|properties of undefined \(reading '(?:create|generate|complete|jobs)'\))/.test(
    line,
  );

/** It has it, and sends nothing. */
const sendsNothing = (line: string): boolean =>
  line.includes('This method is only supported by the Gemini Ent');

export const isAbsent = (line: string): boolean => hasNoMethod(line) || sendsNothing(line);

/** The spans that a scenario must give. */
export function expectSpans(played: Played): SpanSummary[] {
  const { line, scenario, version } = played;
  if (hasNoMethod(line)) return [];
  const plan = played.family.endpoints[played.endpoint]!;
  const own = plan.scenarios?.[scenario]?.spans;
  const ownSpans = typeof own === 'function' ? own(version.version) : own;
  const spans: readonly OwnSpan[] = sendsNothing(line)
    ? [refused(line)]
    : (ownSpans ?? [planSpan(played, plan)]);
  return spans.map((span) => expectSpan(played, plan, span));
}

function planSpan({ scenario, line }: Played, plan: EndpointPlan): OwnSpan {
  if (scenario.startsWith('stream')) return planStream(scenario, line, plan);
  if (/^(?:status|connection)/.test(scenario)) return refused(line);
  if (scenario === 'abort-before' || scenario === 'abort-waiting')
    return { known: MISSING, outcome: 'aborted' };
  // Whether a body that is no answer is an error is the SDK's affair; either way nothing is known.
  if (/^(?:odd|malformed)/.test(scenario))
    return findThrown(JSON.parse(line)) === undefined ? { known: MISSING } : refused(line);
  return { known: plan.known };
}

/** The application caught it; its status is the error type, else its class. */
function refused(line: string): OwnSpan {
  const parsed = readObject(JSON.parse(line));
  const thrown = findThrown(parsed) ?? readObject(readArray(parsed.rejections)[0]);
  const text = JSON.stringify(thrown);
  const status = /"(?:status|statusCode|status_code|httpStatusCode)":([45]\d\d)/.exec(text)?.[1];
  return { known: MISSING, outcome: 'error', errorType: status ?? readClass(thrown), isUnanswered: true };
}

/** The class of an error; its name where the class says nothing. */
const readClass = ({ error, name }: Record<string, unknown>): string =>
  String(error === 'Error' ? name : error);

/** How far a stream came is what the application saw of it. */
function planStream(scenario: string, line: string, plan: EndpointPlan): OwnSpan {
  const isStream = true;
  if (scenario === 'stream-status-429') return { ...refused(line), isStream, hasFirstChunk: false };
  const { knownWhole } = plan;
  const known = knownWhole === undefined ? plan.knownAfter! : () => knownWhole;
  const brokenOff = (after: number) => (knownWhole !== undefined || isWhole(known(after)) ? 'ok' : 'aborted');
  if (
    /^stream-(?:whole|left-at-end|from-web|tee|reader|piped|iterated-twice|tee-one-abandoned)$/.test(scenario)
  )
    return { known: knownWhole ?? plan.known, isStream };
  // An iterator without a `throw` goes on to its next chunk.
  const goesOn = line.includes('"next":{"returned":{"done":false');
  if (/^stream-(?:return|throw-by-hand|reader-cancelled)$/.test(scenario))
    return { known: known(goesOn ? 2 : 1), isStream, outcome: brokenOff(goesOn ? 2 : 1) };
  if (/^stream-(?:break|throw-in-loop)$/.test(scenario))
    return { known: known(2), isStream, outcome: brokenOff(2) };
  const seen = readSeen(JSON.parse(line));
  if (/^stream-abort/.test(scenario))
    return { known: known(seen), isStream, hasFirstChunk: seen > 0, outcome: brokenOff(seen) };
  const thrown = findThrown(JSON.parse(line));
  if (thrown === undefined) return { known: known(seen), isStream, hasFirstChunk: seen > 0 };
  const broken = { known: known(seen), isStream, outcome: 'error', errorType: readClass(thrown) } as const;
  return { ...broken, hasFirstChunk: seen > 0, isUnanswered: seen === 0 };
}

/** Who leaves when he has been told how the answer ended has read all of it. */
const isWhole = ({ usageStatus, finish = [] }: Known): boolean =>
  usageStatus === 'complete' && !finish.includes('error');

function readSeen(line: unknown): number {
  const observed = readObject(readObject(line).observed);
  const { chunks } = readObject(observed.returned ?? observed);
  return readArray(chunks).length;
}

function expectSpan({ family, version, endpoint }: Played, plan: EndpointPlan, span: OwnSpan): SpanSummary {
  const { known, outcome = 'ok', isStream = false, isUnanswered = false } = span;
  const { responseId, responseModel, counts, costUsd } = known;
  const isFree = span.isFree ?? plan.isFree ?? false;
  const hasNothing = isFree || (isUnanswered && counts === undefined && responseId === undefined);
  const stoppedFinish = outcome !== 'ok' && isStream && responseId !== undefined ? ['error'] : undefined;
  const operation = span.operation ?? plan.operation;
  const isPriced = costUsd !== undefined;
  return {
    name:
      (span.hasNoModel ?? plan.hasNoModel) === true ? operation : `${operation} ${span.model ?? plan.model}`,
    provider: plan.provider ?? family.provider,
    status: outcome === 'ok' ? 'unset' : 'error',
    errorType: outcome === 'aborted' ? 'aborted' : outcome === 'error' ? span.errorType : undefined,
    isStream,
    // Where the SDK reads it all at once, the application may come to the first chunk when all is over.
    hasFirstChunk: plan.knownWhole !== undefined ? false : (span.hasFirstChunk ?? isStream),
    finish: known.finish ?? stoppedFinish,
    resends: span.resends,
    responseId: version.dropsIdOf?.test(endpoint) ? undefined : responseId,
    responseModel,
    usageStatus: hasNothing ? undefined : known.usageStatus,
    counts,
    costUsd,
    costStatus: hasNothing
      ? undefined
      : !isPriced
        ? 'unpriced'
        : (known.costStatus ?? (known.usageStatus === 'complete' ? 'priced' : 'estimated')),
  };
}

function findThrown(value: unknown): Record<string, unknown> | undefined {
  if (!isObject(value)) return undefined;
  if (isObject(value.threw)) return value.threw;
  return Object.values(value)
    .map(findThrown)
    .find((found) => found !== undefined);
}

/** The same of a span that came. */
export function summarize({ attributes, name, status }: SinkSpan, { knownWhole }: EndpointPlan): SpanSummary {
  const text = (key: string): string | undefined => readString(attributes[key]);
  const number = (key: string) => attributes[key] as number | undefined;
  const counts = withoutZeros({
    input: number('gen_ai.usage.input_tokens'),
    output: number('gen_ai.usage.output_tokens'),
    cacheRead: number('gen_ai.usage.cache_read.input_tokens'),
    cacheWrite: number('gen_ai.usage.cache_write.input_tokens'),
    reasoning: number('gen_ai.usage.reasoning.output_tokens'),
  });
  return {
    name,
    provider: text('gen_ai.provider.name') ?? '',
    status: status.code,
    errorType: text('error.type'),
    isStream: attributes['gen_ai.request.stream'] === true,
    hasFirstChunk:
      knownWhole === undefined && attributes['gen_ai.response.time_to_first_chunk'] !== undefined,
    finish: attributes['gen_ai.response.finish_reasons'] as string[] | undefined,
    resends: number('http.request.resend_count'),
    responseId: text('gen_ai.response.id'),
    responseModel: text('gen_ai.response.model'),
    usageStatus: text('costspan.usage.status'),
    counts,
    costUsd: number('gen_ai.usage.cost.amount'),
    costStatus: text('costspan.cost.status'),
  };
}

function withoutZeros(counts: Record<string, number | undefined>): Counts | undefined {
  const kept = Object.entries(counts).filter(([, value]) => value !== undefined && value !== 0);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** The spans of one scenario: the application runs it under a feature of that name. */
export function spansOf(spans: readonly SinkSpan[], feature: string): SinkSpan[] {
  return spans.filter(({ attributes }) => attributes['costspan.feature'] === feature);
}
