/**
 * The conventions' tables for the spans costspan emits, written out by hand from semantic-conventions-genai (inference,
 * embeddings and fetch_response spans, the OpenAI page, pull request 443 for the cost), and the check of a span by them.
 */
import type { SinkSpan } from '@costspan/testkit';

type ValueType = 'string' | 'int' | 'double' | 'boolean' | 'string[]';
type SpanType = 'inference' | 'embeddings' | 'fetch_response' | 'count_tokens';
/** R required, CR conditionally required, Rec recommended, OI opt-in. */
type Level = 'R' | 'CR' | 'Rec' | 'OI';

interface AttributeRule {
  readonly type: ValueType;
  readonly level: Level;
  /** Span types that may carry it; all where absent. */
  readonly on?: readonly SpanType[];
}

const CALL: readonly SpanType[] = ['inference', 'count_tokens'];
const INFERENCE: readonly SpanType[] = ['inference'];
const BILLED: readonly SpanType[] = ['inference', 'embeddings'];
const RESPONDING: readonly SpanType[] = ['inference', 'fetch_response'];

/** Name → type → requirement level. An attribute in a namespace of the conventions that is not here fails the check. */
export const RULES: Readonly<Record<string, AttributeRule>> = {
  'gen_ai.operation.name': { type: 'string', level: 'R' },
  'gen_ai.provider.name': { type: 'string', level: 'R' },
  'error.type': { type: 'string', level: 'CR' },
  'gen_ai.request.model': { type: 'string', level: 'CR' },
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
  'gen_ai.response.model': { type: 'string', level: 'Rec' },
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
  'server.address': { type: 'string', level: 'Rec' },
  'server.port': { type: 'int', level: 'CR' },
  'http.request.resend_count': { type: 'int', level: 'Rec' },
};

/** Attributes whose values the registry lists; other enums there (operations, providers, tiers) allow own ones. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  'gen_ai.output.type': ['text', 'json', 'image', 'speech'],
  'openai.api.type': ['chat_completions', 'responses'],
  'gen_ai.usage.cost.source': ['provider', 'local'],
  'gen_ai.usage.cost.currency': ['USD'],
};

/** An attribute of our own: in our namespace, and named as the conventions want every name. */
const OWN_NAME = /^costspan(?:\.[a-z][a-z0-9]*(?:_[a-z0-9]+)*)+$/;
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
};

/** Everything about a span that the conventions forbid; empty for a good one. */
export function findFaults(span: SinkSpan): string[] {
  const { attributes, name, kind, status } = span;
  const operation = String(attributes['gen_ai.operation.name']);
  const spanType = SPAN_TYPES[operation];
  if (spanType === undefined) return [`unknown operation ${operation}`];
  const faults: string[] = [];
  const model = attributes['gen_ai.request.model'];
  const wantedName = model === undefined ? operation : `${operation} ${String(model)}`;
  if (name !== wantedName) faults.push(`named "${name}", not "${wantedName}"`);
  if (kind !== 'client') faults.push(`kind ${kind}, not client`);
  for (const [key, value] of Object.entries(attributes))
    faults.push(...findAttributeFaults(key, { value, otlpType: span.attributeTypes[key] }, spanType));
  for (const [key, { level }] of Object.entries(RULES)) {
    if (level === 'R' && attributes[key] === undefined) faults.push(`${key} is required`);
  }
  const require = (isNeeded: boolean, key: string): void => {
    if (isNeeded && attributes[key] === undefined) faults.push(`${key} is required here`);
  };
  require(status.code === 'error', 'error.type');
  if (status.code !== 'error' && attributes['error.type'] !== undefined)
    faults.push(`error.type with the status ${status.code}`);
  if (status.code === 'ok') faults.push('the status ok is the application’s to set');
  require(attributes['server.address'] !== undefined, 'server.port');
  require(attributes['gen_ai.usage.cost.amount'] !== undefined, 'gen_ai.usage.cost.currency');
  require(attributes['gen_ai.usage.cost.amount'] !== undefined, 'gen_ai.usage.cost.source');
  require(spanType === 'fetch_response', 'gen_ai.response.id');
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
