/** What production sends: tasks of three model calls each, told by costspan's own instrumentation and by another's. */

/** An attribute as OTLP's JSON writes it. */
interface Attribute {
  readonly key: string;
  readonly value: object;
}

/** A span as OTLP's JSON writes it; ids are {@link createId}s, to be made new for each sending. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number };
}

/** Spans of one process, as its exporter sends them. */
export interface Batch {
  readonly resource: readonly Attribute[];
  readonly scopes: readonly { readonly name: string; readonly spans: readonly OtlpSpan[] }[];
  readonly spans: number;
  readonly calls: number;
}

export interface BatchOptions {
  readonly emitter: 'costspan' | 'other';
  readonly tasks: number;
  /** Characters of prompts and answers on each call. */
  readonly messageChars: number;
  /** Batches of different numbers have different token counts. */
  readonly number: number;
}

/** A server span, an agent, a tool and three calls. */
export const SPANS_PER_TASK = 6;
export const CALLS_PER_TASK = 3;
const FEATURES = 30;
const TENANTS = 50;
const MODELS = [
  ['openai', 'gpt-5-mini', 'gpt-5-mini-2025-08-07'],
  ['openai', 'gpt-4.1', 'gpt-4.1-2025-04-14'],
  ['anthropic', 'claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'],
] as const;
const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

/** Stands where a new number goes each time; nothing else in a body looks like it. */
export const ID_MARK = 'c05757a5';
const createId = (serial: number): string => `${ID_MARK}${serial.toString(16).padStart(8, '0')}`;

/** Texts, numbers with a point as doubles, whole ones as ints. */
export const encode = (attributes: Readonly<Record<string, unknown>>): Attribute[] =>
  Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: encodeValue(value) }));

function encodeValue(value: unknown): object {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(encodeValue) } };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { stringValue: String(value) };
  return Number.isInteger(value) ? { intValue: `${value}` } : { doubleValue: value };
}

/** One request of an exporter: whole tasks, all of them ended within the last second. */
export function createBatch(options: BatchOptions): Batch {
  const isOurs = options.emitter === 'costspan';
  const framework: OtlpSpan[] = [];
  const calls: OtlpSpan[] = [];
  for (let task = 0; task < options.tasks; task += 1) {
    const spans = createTask(task, { ...options, isOurs });
    framework.push(...spans.filter(({ kind }) => kind !== CLIENT));
    calls.push(...spans.filter(({ kind }) => kind === CLIENT));
  }
  return {
    resource: encode({
      'service.name': 'shop',
      'service.version': '4.11.0',
      'service.instance.id': '627cc493-f310-47de-96bd-71410b7dec09',
      'deployment.environment.name': 'production',
      'host.name': 'shop-7d9c5b6f4-x2x8z',
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'shop-7d9c5b6f4-x2x8z',
      'process.runtime.name': 'nodejs',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '3.1.0',
    }),
    scopes: [
      {
        name: isOurs ? '@costspan/instrumentation' : 'opentelemetry.instrumentation.openai_v2',
        spans: calls,
      },
      { name: '@opentelemetry/instrumentation-http', spans: framework },
    ],
    spans: options.tasks * SPANS_PER_TASK,
    calls: calls.length,
  };
}

interface TaskOptions extends BatchOptions {
  readonly isOurs: boolean;
}

function createTask(task: number, options: TaskOptions): OtlpSpan[] {
  const trace = `${createId(task + 1)}7c1e08b5d2a94f63`;
  const id = (place: number): string => createId(task * SPANS_PER_TASK + place + 1);
  const endNanos = BigInt(Date.now()) * 1_000_000n + BigInt(task * 1_031);
  const at = (startMs: number, endMs: number) => ({
    startTimeUnixNano: `${endNanos - BigInt(startMs) * 1_000_000n}`,
    endTimeUnixNano: `${endNanos - BigInt(endMs) * 1_000_000n}`,
  });
  const span = (place: number, parent: number | undefined, rest: Omit<OtlpSpan, 'traceId' | 'spanId'>) => ({
    traceId: trace,
    spanId: id(place),
    ...(parent === undefined ? {} : { parentSpanId: id(parent) }),
    ...rest,
  });
  const scope = readScope(task, options.isOurs);
  const status = { code: task % 25 === 0 ? ERROR : 0 };
  const server = {
    name: 'POST',
    kind: SERVER,
    ...at(4_000, 0),
    attributes: serverAttributes(task, scope),
    status,
  };
  const agent = {
    name: 'invoke_agent support',
    kind: INTERNAL,
    ...at(3_900, 20),
    attributes: encode({ ...AGENT, 'gen_ai.usage.input_tokens': 2_700 + task * 21, ...scope }),
    status: { code: 0 },
  };
  const tool = {
    name: 'execute_tool find_order',
    kind: INTERNAL,
    ...at(2_000, 1_900),
    attributes: encode({ ...TOOL, 'gen_ai.tool.call.id': `call_${id(2)}Xc0p`, ...scope }),
    status: { code: 0 },
  };
  const call = (number: number) => ({
    name: `chat ${MODELS[(task + number) % MODELS.length]![1]}`,
    kind: CLIENT,
    ...at(3_500 - number * 900, 2_700 - number * 900 + (task % 300)),
    attributes: callAttributes(task, number, { ...options, scope, responseId: id(3 + number) }),
    status: { code: 0 },
  });
  return [
    span(0, undefined, server),
    span(1, 0, agent),
    span(2, 1, tool),
    ...Array.from({ length: CALLS_PER_TASK }, (_, number) => span(3 + number, 1, call(number))),
  ];
}

const CODE = {
  'code.function.name': 'SupportDesk.answerQuestionAboutOrder',
  'code.file.path': '/srv/shop/services/support/dist/desk/support-desk.js',
  'code.line.number': 214,
  'thread.id': 1,
  'enduser.pseudo.id': 'QdH5CAWJgqVT4rOr0qtumf',
  'app.release': 'shop@4.11.0+20261120.3f2a9c1',
  'app.experiment': 'support-prompt-v12:treatment',
};

const AGENT = {
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.provider.name': 'openai',
  'gen_ai.agent.name': 'support',
  'gen_ai.agent.id': 'asst_5j66UpCpwteGg4YSxUnt7lPY',
  'gen_ai.agent.description':
    'Answers questions of customers about their orders: where they are, when they come, how they are returned.',
  'gen_ai.agent.version': '2026-11-03',
  'gen_ai.conversation.id': 'conv_68f2a1b09c3881909a7d7f0e2c8b5a4d',
  'gen_ai.request.model': 'gpt-5-mini',
  'gen_ai.response.finish_reasons': ['stop'],
  'gen_ai.usage.output_tokens': 420,
  ...CODE,
};

const TOOL = {
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': 'find_order',
  'gen_ai.tool.type': 'function',
  'gen_ai.tool.description':
    'Finds an order by its number, or the newest orders of a customer by the e-mail address, with the state of each parcel.',
  'peer.service': 'orders',
  'server.address': 'orders.shop.svc.cluster.local',
  'server.port': 8_080,
  'db.system.name': 'postgresql',
  'db.namespace': 'orders',
  'db.query.summary': 'SELECT orders JOIN parcels',
  ...CODE,
};

/** What costspan's own instrumentation puts on every span of a task; another's knows nothing of tasks. */
function readScope(task: number, isOurs: boolean): Readonly<Record<string, unknown>> {
  if (!isOurs) return {};
  return {
    'costspan.task.id': `7b1a4c2e-0d1f-4b6a-${createId(task + 1)}`,
    'costspan.task.name': `POST /features/${task % FEATURES}`,
    'costspan.feature': `/features/${task % FEATURES}`,
    'costspan.user.tier': task % 3 === 0 ? 'pro' : 'free',
    'costspan.tenant': `tenant-${task % TENANTS}`,
  };
}

const serverAttributes = (task: number, scope: object): Attribute[] =>
  encode({
    'http.request.method': 'POST',
    'http.route': `/features/${task % FEATURES}`,
    'http.response.status_code': task % 25 === 0 ? 500 : 200,
    'url.scheme': 'https',
    'url.path': `/features/${task % FEATURES}`,
    'server.address': 'shop.example.com',
    'server.port': 443,
    'network.protocol.version': '1.1',
    'network.peer.address': '10.42.7.113',
    'network.peer.port': 41_762,
    'client.address': '203.0.113.57',
    'url.full': `https://shop.example.com/features/${task % FEATURES}?utm_source=newsletter&utm_campaign=november`,
    'http.request.body.size': 412,
    'http.response.body.size': 1_893,
    'http.request.header.content-type': ['application/json; charset=utf-8'],
    'http.request.header.accept-language': ['de-DE,de;q=0.9,en;q=0.8'],
    'http.request.header.x-request-id': ['c3d5f2f0-7a57-4d7e-9a70-6b7f0b9f0a55'],
    'user_agent.original':
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
    ...CODE,
    ...scope,
  });

interface CallOptions extends TaskOptions {
  readonly scope: object;
  readonly responseId: string;
}

function callAttributes(task: number, number: number, options: CallOptions): Attribute[] {
  const { isOurs, scope, responseId, messageChars } = options;
  const [provider, requested, model] = MODELS[(task + number) % MODELS.length]!;
  const inputTokens = 900 + options.number * 613 + task * 7 + number;
  const outputTokens = 120 + (task % 40);
  const messages = messageChars === 0 ? {} : createMessages(messageChars);
  return encode({
    'gen_ai.operation.name': 'chat',
    [isOurs ? 'gen_ai.provider.name' : 'gen_ai.system']: provider,
    'gen_ai.request.model': requested,
    'gen_ai.request.max_tokens': 1_024,
    'gen_ai.request.temperature': 0.2,
    'gen_ai.request.stream': true,
    ...messages,
    'gen_ai.response.model': model,
    'gen_ai.response.id': `chatcmpl-${responseId}BxQm`,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.response.time_to_first_chunk': 0.35 + (task % 50) / 1_000 + 0.0001,
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
    'gen_ai.usage.cache_read.input_tokens': 512,
    'gen_ai.usage.reasoning.output_tokens': isOurs ? 64 : undefined,
    'server.address': `api.${provider}.com`,
    'server.port': 443,
    'gen_ai.conversation.id': 'conv_68f2a1b09c3881909a7d7f0e2c8b5a4d',
    'user.id': 'u_48213',
    ...CODE,
    ...(isOurs ? { ...costAttributes(inputTokens, outputTokens), ...scope } : {}),
  });
}

const costAttributes = (inputTokens: number, outputTokens: number) => ({
  'gen_ai.usage.cost.amount': inputTokens * 2.5e-7 + outputTokens * 2e-6,
  'gen_ai.usage.cost.currency': 'USD',
  'gen_ai.usage.cost.source': 'local',
  'costspan.cost.status': 'priced',
  'costspan.cost.input': inputTokens * 2.5e-7,
  'costspan.cost.output': outputTokens * 2e-6,
  'costspan.price.version': '2026-11-20',
  'costspan.price.mode': 'standard',
  'costspan.usage.status': 'complete',
});

/** Prompts and answers, as an emitter records them that was told to. */
function createMessages(chars: number): Readonly<Record<string, unknown>> {
  const text = (length: number) => 'Where is my order? It should have come on Monday. '.repeat(length / 50);
  const message = (role: string, content: string) =>
    JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
  return {
    'gen_ai.input.messages': message('user', text(chars * 0.8)),
    'gen_ai.output.messages': message('assistant', text(chars * 0.2)),
  };
}
