/** Spans as many services would send them, at a steady rate: tasks of three calls, so many of them open at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Body } from '../ingest/body.mts';
import { type Channel, openChannel } from '../ingest/channel.mts';
import { type Batch, encode, ID_MARK, type OtlpSpan } from '../ingest/spans.mts';

const CALLS_PER_TASK = 3;
/** Tasks of one request: about 500 calls, as exporters send them. */
const TASKS_PER_BODY = 170;
const CONNECTIONS = 8;
const MODELS = ['gpt-5-mini', 'gpt-5', 'gpt-4.1'];
const CLIENT = 3;
const INTERNAL = 1;
const RESOURCE = encode({
  'service.name': 'shop',
  'deployment.environment.name': 'prod',
  'host.name': 'shop-7f9c',
});

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** What a task's spans are labelled with; `set` is one of as many as there are features. */
const labels = (task: number, set: number) => ({
  'costspan.feature': `feature-${set}`,
  'costspan.task.id': `${ID_MARK}-0d1f-4b6a-9c3d-${hex(task, 12)}`,
  'costspan.task.name': `resolve-ticket-${set % 20}`,
  'costspan.user.tier': set % 3 === 0 ? 'pro' : 'free',
});

function createSpan(
  task: number,
  place: number,
  differs: Pick<OtlpSpan, 'name' | 'kind' | 'attributes'>,
): OtlpSpan {
  const nowNano = BigInt(Date.now()) * 1_000_000n;
  return {
    traceId: `${ID_MARK}${hex(task, 24)}`,
    spanId: `${ID_MARK}${hex(task * 8 + place, 8)}`,
    startTimeUnixNano: String(nowNano - 900_000_000n),
    endTimeUnixNano: String(nowNano),
    status: { code: 1 },
    ...differs,
  };
}

/** About 1.2 kB, with what the preload writes. */
const createCall = (
  task: number,
  set: number,
  { place, model }: { place: number; model: string },
): OtlpSpan =>
  createSpan(task, place, {
    name: `chat ${model}`,
    kind: CLIENT,
    attributes: encode({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': model,
      'gen_ai.response.model': `${model}-2025-08-07`,
      'gen_ai.response.id': 'chatcmpl-BvK3Qq6f0aVqYkX1tJ2mDz8s',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.request.max_tokens': 2_048,
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk': 0.41,
      'gen_ai.usage.input_tokens': 1_210,
      'gen_ai.usage.output_tokens': 164,
      'gen_ai.usage.cache_read.input_tokens': 1_024,
      'gen_ai.usage.reasoning.output_tokens': 64,
      'gen_ai.usage.cost.amount': 0.000_399_1,
      'gen_ai.usage.cost.currency': 'USD',
      'gen_ai.usage.cost.source': 'local',
      'costspan.cost.status': 'priced',
      'costspan.price.version': '2026-11-20',
      'costspan.price.mode': 'standard',
      'costspan.usage.status': 'complete',
      'costspan.request.digest': `k3Qq6f0aVqYkX1t${place}`,
      ...labels(task, set),
      'server.address': 'api.openai.com',
      'server.port': 443,
    }),
  });

const createEnd = (task: number, set: number): OtlpSpan =>
  createSpan(task, CALLS_PER_TASK, {
    name: `task resolve-ticket-${set % 20}`,
    kind: INTERNAL,
    attributes: encode({
      ...labels(task, set),
      'costspan.task.outcome': set % 10 === 0 ? 'failure' : 'success',
      'costspan.task.outcome.source': 'http',
    }),
  });

function createBatch(isEnd: boolean, { features, models }: LoadOptions): Batch {
  const spans = Array.from({ length: TASKS_PER_BODY }, (_, task) => {
    const set = task % features;
    if (isEnd) return [createEnd(task, set)];
    return Array.from({ length: CALLS_PER_TASK }, (_, place) =>
      createCall(task, set, { place, model: MODELS[place % models]! }),
    );
  }).flat();
  const calls = isEnd ? 0 : spans.length;
  const scopes = [{ name: '@costspan/instrumentation', spans }];
  return { resource: RESOURCE, scopes, spans: spans.length, calls };
}

export interface LoadOptions {
  /** `http://HOST:PORT` of the OTLP door. */
  readonly origin: string;
  /** Features, at most as many as tasks of one request, and models of each: both have series of their own. */
  readonly features: number;
  readonly models: number;
  /** Tasks that are open at a time. */
  readonly openTasks: number;
}

/** What happened to the requests of one stretch of time. */
export interface LoadReport {
  readonly spans: number;
  readonly seconds: number;
  /** From the first byte sent to the answer, ascending. */
  readonly acknowledgedMs: readonly number[];
  readonly refused: number;
}

export class OtlpLoad {
  readonly #options: LoadOptions;
  readonly #channel: Channel;
  /** Not on their way. */
  readonly #calls: Body[] = [];
  readonly #ends: Body[] = [];
  /** Bodies of calls and of their ends so far: the same number is the same tasks. */
  #begun = 0;
  #ended = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#channel = openChannel('protobuf', options.origin, CONNECTIONS);
  }

  /** Tasks that have begun and not ended. */
  get openTasks(): number {
    return (this.#begun - this.#ended) * TASKS_PER_BODY;
  }

  /** Sends for so long; without a rate as fast as the answers come. */
  async run(seconds: number, spansPerSecond = Number.POSITIVE_INFINITY): Promise<LoadReport> {
    const startMs = performance.now();
    const untilMs = startMs + seconds * 1_000;
    const acknowledgedMs: number[] = [];
    let [sent, refused] = [0, 0];
    const send = async () => {
      while (performance.now() < untilMs) {
        // Due by the clock and not by the last answer: a stall is felt by all that would have come meanwhile.
        const dueMs = startMs + (sent / spansPerSecond) * 1_000;
        const { isEnd, body } = this.#take();
        sent += body.spans;
        if (dueMs > performance.now()) await sleep(dueMs - performance.now());
        const isTaken = await this.#channel.send(body.bytes);
        acknowledgedMs.push(performance.now() - Math.max(dueMs, startMs));
        if (!isTaken) refused += 1;
        (isEnd ? this.#ends : this.#calls).push(body);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    const ascending = acknowledgedMs.sort((a, b) => a - b);
    return {
      spans: sent,
      seconds: (performance.now() - startMs) / 1_000,
      acknowledgedMs: ascending,
      refused,
    };
  }

  close(): void {
    this.#channel.close();
  }

  /** The next body: ends of the oldest tasks when too many are open, else calls of new ones. */
  #take(): { isEnd: boolean; body: Body } {
    const isEnd = this.openTasks >= this.#options.openTasks;
    const number = isEnd ? this.#ended : this.#begun;
    const body = (isEnd ? this.#ends : this.#calls).pop() ?? this.#createBody(isEnd);
    body.renew(number);
    if (isEnd) this.#ended += 1;
    else this.#begun += 1;
    return { isEnd, body };
  }

  #createBody(isEnd: boolean): Body {
    return new Body(createBatch(isEnd, this.#options), 'protobuf');
  }
}
