/** Trace requests by OTLP's grammar, in its JSON form, with everything in them that an emitter or an attacker may think of. */
import { ATTR, CONTENT_ATTRIBUTES, DIALECT_ATTR, ENTRY_ATTR, SAME_AS } from '@costspan/semconv';
import { NOW_MS } from './spans.ts';

/** Stands in everything that nobody may read: it must never come out of a decoder. */
export const CANARY = 'CANARY-prompt';

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}
export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
  readonly bytesValue?: string;
}
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly { readonly name: string; readonly attributes: readonly KeyValue[] }[];
  readonly links?: readonly { readonly attributes: readonly KeyValue[] }[];
  readonly status?: { readonly code: number; readonly message: string };
}
export interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope?: { readonly name: string };
      readonly spans: readonly OtlpSpan[];
    }[];
  }[];
}

type Random = () => number;
/** One of these words, or makes one. */
type Choice<T> = readonly ((random: Random) => T)[];
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const choose = <T>(random: Random, choices: Choice<T>): T => pick(random, choices)(random);
const many = <T>(random: Random, most: number, create: () => T): T[] =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, create);
const hex = (random: Random, bytes: number): string =>
  Array.from({ length: bytes }, () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');

const READ = [
  ...Object.values(ATTR),
  ...Object.values(ENTRY_ATTR),
  ...Object.values(DIALECT_ATTR),
  ...Object.keys(SAME_AS),
].filter((name) => !CONTENT_ATTRIBUTES.includes(name));
const UNREAD = [
  ...CONTENT_ATTRIBUTES,
  'gen_ai.prompt.0.content',
  'ai.prompt',
  '__proto__',
  'constructor',
  '',
  '\0',
];
/** What makes a span a call that costs something, and a task. */
const CALL = [
  ATTR.OPERATION_NAME,
  ATTR.PROVIDER_NAME,
  ATTR.REQUEST_MODEL,
  ATTR.USAGE_COST_AMOUNT,
  ATTR.TASK_ID,
];
const WORDS = [
  'chat',
  'openai',
  'gpt-5-mini',
  'task-1',
  'USD',
  'success',
  'invoke_agent',
  'free',
  'execute_tool',
];

const TEXTS: Choice<string> = [
  (random) => pick(random, WORDS),
  (random) => pick(random, WORDS),
  () => '',
  () => '\ufeffbom',
  () => 'Übersicht 🙂 \u2028',
  () => '\u0000\n"\\{}',
  () => '__proto__',
  () => '1e999',
  (random) => 'x'.repeat(Math.floor(random() * 400)),
];
const NUMBERS: Choice<AnyValue> = [
  (random) => ({ doubleValue: random() * 0.1 }),
  (random) => ({ doubleValue: pick(random, [0, -1, 1e308, 5e-324, Number.MAX_SAFE_INTEGER, 9_000.1]) }),
  (random) => ({ doubleValue: pick(random, ['NaN', 'Infinity', '-Infinity'] as const) }),
  (random) => ({ intValue: `${Math.floor(random() * 1e4)}` }),
  (random) => ({ intValue: pick(random, ['0', '-1', '9223372036854775807', '-9223372036854775808']) }),
];
const VALUES: Choice<AnyValue> = [
  (random) => ({ stringValue: choose(random, TEXTS) }),
  (random) => ({ stringValue: choose(random, TEXTS) }),
  (random) => choose(random, NUMBERS),
  (random) => choose(random, NUMBERS),
  (random) => ({ boolValue: random() < 0.5 }),
  () => ({}),
  () => ({ bytesValue: 'AAEC' }),
  (random) => ({
    kvlistValue: { values: [{ key: 'k', value: { stringValue: CANARY } }, ...attributes(random, 1)] },
  }),
  (random) => ({ arrayValue: { values: many(random, 4, () => choose(random, VALUES)) } }),
  (random) => nest(Math.floor(random() * 20)),
];

/** Arrays in arrays; deeper than 16 is refused. */
function nest(depth: number): AnyValue {
  let value: AnyValue = { stringValue: 'deep' };
  for (let level = 0; level < depth; level += 1) value = { arrayValue: { values: [value] } };
  return value;
}

const KEYVALUES: Choice<KeyValue> = [
  (random) => ({ key: pick(random, READ), value: choose(random, VALUES) }),
  (random) => ({ key: pick(random, READ), value: choose(random, NUMBERS) }),
  (random) => ({ key: pick(random, CALL), value: { stringValue: pick(random, WORDS) } }),
  (random) => ({ key: pick(random, UNREAD), value: { stringValue: CANARY } }),
  (random) => ({
    key: `other.${hex(random, 2)}`,
    value: { arrayValue: { values: [{ stringValue: CANARY }] } },
  }),
  (random) => ({ key: `costspan.usage.${hex(random, 2)}.requests`, value: choose(random, NUMBERS) }),
];
const attributes = (random: Random, most: number): KeyValue[] =>
  many(random, most, () => choose(random, KEYVALUES));

/** A call of a cent in task-1, so that most requests hold something that counts. */
const callAttributes = (random: Random): KeyValue[] =>
  random() < 0.5
    ? []
    : [
        { key: ATTR.OPERATION_NAME, value: { stringValue: 'chat' } },
        { key: ATTR.USAGE_COST_AMOUNT, value: { doubleValue: 0.01 } },
        { key: ATTR.TASK_ID, value: { stringValue: `task-${Math.floor(random() * 20)}` } },
      ];

const traceIds: Choice<string> = [
  ...Array.from({ length: 6 }, () => (random: Random) => hex(random, 16)),
  () => '0af7651916cd43dd8448eb211c80319c',
  () => '00'.repeat(16),
  (random) => hex(random, Math.floor(random() * 20)),
];
const spanIds: Choice<string> = [
  ...Array.from({ length: 8 }, () => (random: Random) => hex(random, 8)),
  () => '00'.repeat(8),
  (random) => hex(random, Math.floor(random() * 10)),
];
const nanos: Choice<string> = [
  ...Array.from({ length: 8 }, () => (random: Random) => `${NOW_MS - Math.floor(random() * 1e6)}${'000123'}`),
  () => '0',
  () => '18446744073709551615',
];
const events: Choice<string> = [() => 'exception', () => 'gen_ai.evaluation.result', () => CANARY];

function createSpan(random: Random): OtlpSpan {
  return {
    traceId: choose(random, traceIds),
    spanId: choose(random, spanIds),
    ...(random() < 0.2 ? { traceState: choose(random, TEXTS) } : {}),
    ...(random() < 0.5 ? { parentSpanId: choose(random, spanIds) } : {}),
    ...(random() < 0.9 ? { name: choose(random, TEXTS) } : {}),
    ...(random() < 0.9 ? { kind: pick(random, [0, 1, 2, 3, 4, 5, 6, 2_147_483_647]) } : {}),
    startTimeUnixNano: choose(random, nanos),
    endTimeUnixNano: choose(random, nanos),
    attributes: [...callAttributes(random), ...attributes(random, 8)],
    ...(random() < 0.3
      ? {
          events: many(random, 3, () => ({
            name: choose(random, events),
            attributes: attributes(random, 2),
          })),
        }
      : {}),
    ...(random() < 0.2 ? { links: [{ attributes: [{ key: 'l', value: { stringValue: CANARY } }] }] } : {}),
    ...(random() < 0.3 ? { status: { code: pick(random, [0, 1, 2, 3]), message: CANARY } } : {}),
  };
}

/** A request as the grammar allows it. */
export const createRequest = (random: Random): OtlpRequest => ({
  resourceSpans: many(random, 2, () => ({
    ...(random() < 0.8 ? { resource: { attributes: attributes(random, 3) } } : {}),
    scopeSpans: many(random, 2, () => ({
      ...(random() < 0.8 ? { scope: { name: choose(random, TEXTS) } } : {}),
      spans: many(random, 3, () => createSpan(random)),
    })),
  })),
});
