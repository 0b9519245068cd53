/**
 * The conventions' tables for the spans costspan emits, written out by hand from semantic-conventions-genai (inference,
 * embeddings, fetch_response, retrieval, agent, workflow and tool spans, the OpenAI page, pull request 443 for the
 * cost), and the check of a span by them: what OpenTelemetry's live check of a span looks at, and what it cannot know.
 */
import type { SinkSpan } from '@costspan/testkit';

type ValueType = 'string' | 'int' | 'double' | 'boolean' | 'string[]';
type CallType = 'inference' | 'embeddings' | 'fetch_response' | 'count_tokens';
type StepType = 'retrieval' | 'invoke_agent' | 'invoke_workflow' | 'execute_tool';
type SpanType = CallType | StepType;
/** R required, CR conditionally required, Rec recommended, OI opt-in. */
type Level = 'R' | 'CR' | 'Rec' | 'OI';

interface AttributeRule {
  readonly type: ValueType;
  readonly level: Level;
  /** Span types that may carry it; all where absent. */
  readonly on?: readonly SpanType[];
}

/** How the conventions want a type of span to look: its kind, what its name ends with, what must not be missing. */
interface SpanShape {
  readonly kind: SinkSpan['kind'];
  readonly named?: string;
  readonly required?: readonly string[];
}
const CALL_SHAPE: SpanShape = {
  kind: 'client',
  named: 'gen_ai.request.model',
  required: ['gen_ai.provider.name'],
};
const SHAPES: Readonly<Record<SpanType, SpanShape>> = {
  inference: CALL_SHAPE,
  embeddings: CALL_SHAPE,
  count_tokens: CALL_SHAPE,
  fetch_response: { kind: 'client', required: ['gen_ai.provider.name', 'gen_ai.response.id'] },
  retrieval: { kind: 'client', named: 'gen_ai.data_source.id' },
  invoke_agent: { kind: 'internal', named: 'gen_ai.agent.name' },
  invoke_workflow: { kind: 'internal', named: 'gen_ai.workflow.name' },
  execute_tool: { kind: 'internal', named: 'gen_ai.tool.name', required: ['gen_ai.tool.name'] },
};

const CALL: readonly SpanType[] = ['inference', 'count_tokens'];
const CALLS: readonly SpanType[] = ['inference', 'embeddings', 'fetch_response', 'count_tokens'];
const INFERENCE: readonly SpanType[] = ['inference'];
const BILLED: readonly SpanType[] = ['inference', 'embeddings'];
const RESPONDING: readonly SpanType[] = ['inference', 'fetch_response'];

/** Name → type → requirement level. An attribute in a namespace of the conventions that is not here fails the check. */
export const RULES: Readonly<Record<string, AttributeRule>> = {
  'gen_ai.operation.name': { type: 'string', level: 'R' },
  'gen_ai.provider.name': { type: 'string', level: 'R', on: CALLS },
  'error.type': { type: 'string', level: 'CR' },
  'gen_ai.request.model': { type: 'string', level: 'CR', on: CALLS },
  'gen_ai.conversation.id': { type: 'string', level: 'CR', on: RESPONDING },
  'gen_ai.output.type': { type: 'string', level: 'CR', on: CALL },
  'gen_ai.request.choice.count': { type: 'int', level: 'CR', on: INFERENCE },
  'gen_ai.request.seed': { type: 'int', level: 'CR', on: INFERENCE },
  'gen_ai.request.stream': { type: 'boolean', level: 'CR', on: RESPONDING },
  'gen_ai.request.top_k': { type: 'int', level: 'CR', on: INFERENCE },
  'gen_ai.request.max_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.request.temperature': { type: 'double', level: 'Rec', on: INFERENCE },
  'gen_ai.request.top_p': { type: 'double', level: 'Rec', on: INFERENCE },
  'gen_ai.request.frequency_penalty': { type: 'double', level: 'Rec', on: INFERENCE },
  'gen_ai.request.presence_penalty': { type: 'double', level: 'Rec', on: INFERENCE },
  'gen_ai.request.stop_sequences': { type: 'string[]', level: 'Rec', on: INFERENCE },
  'gen_ai.request.previous_response.id': { type: 'string', level: 'Rec', on: INFERENCE },
  'gen_ai.request.reasoning.level': { type: 'string', level: 'Rec', on: CALL },
  'gen_ai.request.encoding_formats': { type: 'string[]', level: 'Rec', on: ['embeddings'] },
  'gen_ai.embeddings.dimension.count': { type: 'int', level: 'Rec', on: ['embeddings'] },
  'gen_ai.response.id': { type: 'string', level: 'Rec', on: RESPONDING },
  'gen_ai.response.model': { type: 'string', level: 'Rec', on: CALLS },
  'gen_ai.response.finish_reasons': { type: 'string[]', level: 'Rec', on: RESPONDING },
  'gen_ai.response.time_to_first_chunk': { type: 'double', level: 'Rec', on: RESPONDING },
  'gen_ai.response.status': { type: 'string', level: 'Rec', on: ['fetch_response'] },
  'gen_ai.input.messages': { type: 'string', level: 'OI', on: CALL },
  'gen_ai.output.messages': { type: 'string', level: 'OI', on: RESPONDING },
  'gen_ai.system_instructions': { type: 'string', level: 'OI', on: CALL },
  'gen_ai.tool.definitions': { type: 'string', level: 'OI', on: CALL },
  'gen_ai.usage.input_tokens': { type: 'int', level: 'Rec', on: BILLED },
  'gen_ai.usage.output_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.cache_read.input_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.cache_write.input_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.reasoning.output_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.text.input_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.image.input_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.audio.input_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.text.cache_read.input_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.image.cache_read.input_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.audio.cache_read.input_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.text.output_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.image.output_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.audio.output_tokens': { type: 'int', level: 'Rec', on: INFERENCE },
  'gen_ai.usage.cost.amount': { type: 'double', level: 'Rec', on: BILLED },
  'gen_ai.usage.cost.currency': { type: 'string', level: 'CR', on: BILLED },
  'gen_ai.usage.cost.source': { type: 'string', level: 'CR', on: BILLED },
  'openai.api.type': { type: 'string', level: 'Rec', on: RESPONDING },
  'openai.request.service_tier': { type: 'string', level: 'CR', on: INFERENCE },
  'openai.response.service_tier': { type: 'string', level: 'CR', on: RESPONDING },
  'openai.response.system_fingerprint': { type: 'string', level: 'Rec', on: INFERENCE },
  'gen_ai.agent.name': { type: 'string', level: 'CR', on: ['invoke_agent'] },
  'gen_ai.workflow.name': { type: 'string', level: 'CR', on: ['invoke_workflow'] },
  'gen_ai.tool.name': { type: 'string', level: 'R', on: ['execute_tool'] },
  'gen_ai.tool.type': { type: 'string', level: 'Rec', on: ['execute_tool'] },
  'gen_ai.tool.call.id': { type: 'string', level: 'Rec', on: ['execute_tool'] },
  'gen_ai.retrieval.top_k': { type: 'int', level: 'Rec', on: ['retrieval'] },
  'gen_ai.data_source.id': { type: 'string', level: 'CR', on: ['retrieval'] },
  'server.address': { type: 'string', level: 'Rec', on: CALLS },
  'server.port': { type: 'int', level: 'CR', on: CALLS },
  'http.request.resend_count': { type: 'int', level: 'Rec', on: CALLS },
};

/** Attributes whose values the registry lists; other enums there (operations, providers, tiers) allow own ones. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  'gen_ai.output.type': ['text', 'json', 'image', 'speech'],
  'openai.api.type': ['chat_completions', 'responses'],
  'gen_ai.response.status': ['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'],
  'gen_ai.usage.cost.source': ['provider', 'local'],
  'gen_ai.usage.cost.currency': ['USD'],
};

/** An attribute of our own: in our namespace, and named as the conventions want every name. */
const OWN_NAME = /^costspan(?:\.[a-z][a-z0-9]*(?:_[a-z0-9]+)*)+$/;
/** Names that are namespaces of others too, which the conventions forbid; they are in use. */
const BOTH = new Set(['costspan.task.outcome']);
const SPAN_TYPES: Readonly<Record<string, SpanType>> = {
  chat: 'inference',
  text_completion: 'inference',
  generate_content: 'inference',
  embeddings: 'embeddings',
  fetch_response: 'fetch_response',
  count_tokens: 'count_tokens',
  moderate: 'count_tokens',
  apply_guardrail: 'inference',
  // No convention has a kind of span for it: what holds of an inference holds of it.
  rerank: 'inference',
  retrieval: 'retrieval',
  invoke_agent: 'invoke_agent',
  invoke_workflow: 'invoke_workflow',
  execute_tool: 'execute_tool',
};

/** Everything about a span that the conventions forbid; empty for a good one. */
export function findFaults(span: SinkSpan): string[] {
  const { attributes, name, kind } = span;
  const operation = String(attributes['gen_ai.operation.name']);
  const spanType = SPAN_TYPES[operation];
  if (spanType === undefined) return [`unknown operation ${operation}`];
  const shape = SHAPES[spanType];
  const faults: string[] = [];
  const named = shape.named === undefined ? undefined : attributes[shape.named];
  const wantedName = named === undefined ? operation : `${operation} ${String(named)}`;
  if (name !== wantedName) faults.push(`named "${name}", not "${wantedName}"`);
  if (kind !== shape.kind) faults.push(`kind ${kind}, not ${shape.kind}`);
  const names = Object.keys(attributes);
  for (const [key, value] of Object.entries(attributes)) {
    faults.push(...findAttributeFaults(key, { value, otlpType: span.attributeTypes[key] }, spanType));
    if (!BOTH.has(key) && names.some((other) => other.startsWith(`${key}.`)))
      faults.push(`${key} is a namespace too`);
  }
  return [...faults, ...findMissing(span, shape), ...findStatusFaults(span), ...findUsageFaults(attributes)];
}

const isAnsweredResponse = ({ attributes }: SinkSpan): boolean =>
  attributes['openai.api.type'] === 'responses' && attributes['gen_ai.response.model'] !== undefined;

function findMissing(span: SinkSpan, shape: SpanShape): string[] {
  const { attributes } = span;
  const { required = [] } = shape;
  const needs = (isNeeded: boolean, ...keys: readonly string[]): readonly string[] => (isNeeded ? keys : []);
  const hasAmount = attributes['gen_ai.usage.cost.amount'] !== undefined;
  return [
    ...required,
    ...needs(attributes['server.address'] !== undefined, 'server.port'),
    // Recommended; of OpenAI's responses it is always told.
    ...needs(shape === SHAPES.fetch_response && isAnsweredResponse(span), 'gen_ai.response.status'),
    ...needs(hasAmount, 'gen_ai.usage.cost.currency', 'gen_ai.usage.cost.source'),
  ]
    .filter((key) => attributes[key] === undefined)
    .map((key) => `${key} is required here`);
}

/** The status error and `error.type` go together; ok is for the application to say. */
function findStatusFaults({ attributes, status }: SinkSpan): string[] {
  const hasType = attributes['error.type'] !== undefined;
  if (status.code === 'ok') return ['the status ok is the application’s to set'];
  if (hasType === (status.code === 'error')) return [];
  return [hasType ? `error.type with the status ${status.code}` : 'error.type is required here'];
}

/** What must be contained in what. */
const CONTAINED: readonly (readonly [part: string, whole: string])[] = [
  ['cache_read.input_tokens', 'input_tokens'],
  ['cache_write.input_tokens', 'input_tokens'],
  ['reasoning.output_tokens', 'output_tokens'],
  ...['text', 'image', 'audio'].flatMap((modality) => [
    [`${modality}.input_tokens`, 'input_tokens'] as const,
    [`${modality}.output_tokens`, 'output_tokens'] as const,
    [`${modality}.cache_read.input_tokens`, 'cache_read.input_tokens'] as const,
    [`${modality}.cache_read.input_tokens`, `${modality}.input_tokens`] as const,
  ]),
];

function findUsageFaults(attributes: SinkSpan['attributes']): string[] {
  const read = (name: string): unknown => attributes[`gen_ai.usage.${name}`];
  const faults = CONTAINED.filter(([part, whole]) => {
    const [inner, outer] = [read(part), read(whole)];
    return typeof inner === 'number' && typeof outer === 'number' && inner > outer;
  }).map(([part, whole]) => `more ${part} than ${whole}`);
  if (attributes['gen_ai.request.stream'] === false) faults.push('gen_ai.request.stream is absent or true');
  if (attributes['gen_ai.request.choice.count'] === 1)
    faults.push('gen_ai.request.choice.count of 1 is left out');
  return faults;
}

function findAttributeFaults(
  key: string,
  { value, otlpType }: { value: unknown; otlpType: string | undefined },
  spanType: SpanType,
): string[] {
  if (value === '' || (Array.isArray(value) && value.length === 0)) return [`${key} is empty`];
  if (OWN_NAME.test(key)) return [];
  const rule = RULES[key];
  if (rule === undefined) return [`${key} is not in the conventions`];
  const faults: string[] = [];
  if (otlpType !== OTLP_TYPES[rule.type] || !isOfType(value, rule.type))
    faults.push(`${key}=${JSON.stringify(value)} is ${otlpType}, not ${rule.type}`);
  const members = MEMBERS[key];
  if (members !== undefined && !members.includes(String(value)))
    faults.push(`${key}=${String(value)} is none of ${members.join(', ')}`);
  if (rule.on !== undefined && !rule.on.includes(spanType)) faults.push(`${key} on a ${spanType} span`);
  return faults;
}

/** OTLP's name of each type; what an array holds is looked at besides. */
const OTLP_TYPES: Readonly<Record<ValueType, string>> = {
  string: 'string',
  int: 'int',
  double: 'double',
  boolean: 'bool',
  'string[]': 'array',
};

function isOfType(value: unknown, type: ValueType): boolean {
  return type !== 'string[]' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
}
