import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CONFIG } from '@costspan/config';
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningProcessor, startProcessor } from '../src/main.ts';
import { CALL, encodeJson, encodeProtobuf, TASK } from './spans.ts';

const ANY = { host: '127.0.0.1', port: 0 };
/** Nothing of these may be kept. The keys are none. */
const CANARIES = {
  prompt: 'canary-prompt-7f3a: what is my salary?',
  completion: 'canary-completion-91bc',
  email: 'canary.person@example.com',
  key: 'sk-canary0123456789abcdefghij',
  session: 'canary-session-55de',
  stack: 'canary-stack-0b1c',
};
const WORDS = [
  'canary-prompt',
  'canary-completion',
  'canary.person',
  'sk-canary',
  'canary-session',
  'canary-stack',
];

let directory: string;
let running: RunningProcessor;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'costspan-canary-'));
  const { tasks } = DEFAULT_CONFIG;
  const repeated = { when: { repeated_within: 60_000 }, is: 'failure' } as const;
  const evaluated = { when: { 'evaluation.score': ['<0.5'] }, is: 'failure' } as const;
  const config = { ...DEFAULT_CONFIG, tasks: { ...tasks, outcome: [repeated, evaluated, ...tasks.outcome] } };
  const onError = (error: unknown) => {
    throw error;
  };
  const doors = { otlpHttp: ANY, otlpGrpc: ANY, metrics: ANY };
  running = await startProcessor({ config, ...doors, dataDirectory: directory, onError });
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Private data wherever an emitter may have put it. */
function recordSpans() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': CANARIES.email, 'host.name': CANARIES.key }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const end = (name: string, kind: SpanKind, attributes: Attributes): void => {
    const span = provider.getTracer('t').startSpan(name, { kind, attributes });
    span.addEvent('exception', {
      'exception.type': 'Error',
      'exception.message': CANARIES.prompt,
      'exception.stacktrace': CANARIES.stack,
    });
    span.addEvent('gen_ai.client.inference.operation.details', {
      'gen_ai.output.messages': CANARIES.completion,
    });
    span.setStatus({ code: SpanStatusCode.ERROR, message: CANARIES.prompt });
    span.end();
  };
  const content = {
    'gen_ai.input.messages': CANARIES.prompt,
    'gen_ai.output.messages': CANARIES.completion,
    'gen_ai.system_instructions': CANARIES.prompt,
    'gen_ai.prompt.0.content': CANARIES.prompt,
    'llm.input_messages.0.message.content': CANARIES.prompt,
    'ai.prompt': CANARIES.prompt,
    'user.id': CANARIES.email,
    'session.id': CANARIES.session,
    'http.request.header.authorization': `Bearer ${CANARIES.key}`,
    'url.full': `https://example.com/?key=${CANARIES.key}`,
  };
  const labels = {
    'costspan.tenant': CANARIES.email,
    'costspan.user.tier': CANARIES.key,
    'costspan.feature': `chat of ${CANARIES.email}`,
    'gen_ai.response.model': CANARIES.key,
    'gen_ai.response.id': CANARIES.email,
    'costspan.task.id': CANARIES.email,
  };
  end(`chat ${CANARIES.prompt}`, SpanKind.CLIENT, { ...CALL, ...content, ...labels });
  end('task resolve', SpanKind.INTERNAL, { ...TASK, ...content, ...labels });
  end('POST /chat', SpanKind.SERVER, { 'http.route': '/chat', ...content });
  end('execute_tool', SpanKind.INTERNAL, { 'gen_ai.operation.name': 'execute_tool', ...content, ...labels });
  end('openai/gpt-5', SpanKind.INTERNAL, {
    'genkit:metadata:subtype': 'model',
    'genkit:name': 'openai/gpt-5',
    // The one answer that is read, for the usage in it.
    'genkit:output': JSON.stringify({
      message: { content: [{ text: CANARIES.completion }] },
      request: { messages: [{ text: CANARIES.prompt }] },
      usage: { inputTokens: 10, outputTokens: 2, [CANARIES.session]: 1 },
      raw: { id: CANARIES.email, model: CANARIES.key },
    }),
  });
  return exporter.getFinishedSpans();
}

async function post(path: string, type: string, body: Uint8Array<ArrayBuffer> | string): Promise<number> {
  const response = await fetch(running.otlpHttp + path, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  await response.text();
  return response.status;
}

it('no prompt, completion, key, session or e-mail reaches the disk, a label or an answer', async () => {
  const spans = recordSpans();
  const attributes = [
    { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 0.1 } },
    { key: 'gen_ai.evaluation.explanation', value: { stringValue: CANARIES.completion } },
    { key: 'gen_ai.response.id', value: { stringValue: CANARIES.email } },
  ];
  const log = { eventName: 'gen_ai.evaluation.result', body: { stringValue: CANARIES.prompt }, attributes };
  const statuses = [
    await post('/v1/traces', 'application/x-protobuf', new Uint8Array(encodeProtobuf(spans))),
    await post('/v1/traces', 'application/json', new Uint8Array(encodeJson(spans))),
    await post(
      '/v1/logs',
      'application/json',
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] }),
    ),
    await post(
      '/v1/outcomes',
      'application/json',
      JSON.stringify({ task_id: CANARIES.email, outcome: 'success', reason: CANARIES.prompt }),
    ),
  ];
  expect(statuses).toEqual([200, 200, 200, 200]);
  const answers = [
    await (await fetch(`${running.metrics}/metrics`)).text(),
    await (
      await fetch(`${running.otlpHttp}/api/v1/cost?by=feature,tenant,model,user_tier,task,service`)
    ).text(),
  ];
  // The money is there, under what stands for the names.
  expect(answers[0]).toMatch(/^llm_cost_usd_total\{service="redacted".* 0\.01$/m);
  expect(findCanaries(answers.map((text) => ['an answer', Buffer.from(text)]))).toEqual([]);
  const written = () =>
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))] as const);
  expect(findCanaries(written())).toEqual([]);
  expect(written().some(([name, bytes]) => name.startsWith('log-') && bytes.length > 500)).toBe(true);
  await running.close();
  expect(findCanaries(written())).toEqual([]);
});

const findCanaries = (files: readonly (readonly [name: string, bytes: Buffer])[]): string[] =>
  files.flatMap(([name, bytes]) =>
    WORDS.filter((word) => bytes.includes(word)).map((word) => `${word} in ${name}`),
  );
