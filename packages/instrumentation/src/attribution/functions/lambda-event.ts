import type { Job } from '../job.js';
import type { RequestWork } from './function-request.js';

/** What an event of AWS Lambda asks for. */
export type LambdaWork = RequestWork | { readonly job: Job };

/** Of the invocation itself. */
export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  /** Of an invocation that Lambda repeats, the same each time. */
  readonly requestId: string;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const readFields = (value: unknown): Fields => (isFields(value) ? value : {});
const readText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Whatever names no source of its own is a job of the function. Pure; made for the first model call of an invocation. */
export function readLambdaEvent(event: unknown, lambda: LambdaFunction): LambdaWork {
  const fields = readFields(event);
  return (
    readRequest(fields) ?? {
      job: readRecords(fields) ??
        readEventBridge(fields) ??
        readSocketMessage(fields) ?? {
          kind: 'job',
          name: lambda.name,
          key: [lambda.arn, lambda.requestId],
        },
    }
  );
}

/** What a gateway answers in place of a function that has not given it the form of an answer. */
const BAD_GATEWAY = 502;
const OK = 200;

/** Of an API Gateway, as REST or HTTP API, a function's URL or a load balancer. */
function readRequest(event: Fields): LambdaWork | undefined {
  const context = readFields(event.requestContext);
  const http = readFields(context.http);
  const method = readText(http.method) ?? readText(event.httpMethod);
  // An authorizer is asked about a request and answers none.
  if (method === undefined || event.requestContext === undefined || event.methodArn !== undefined)
    return undefined;
  const isV2 = context.http !== undefined;
  // Nothing else than an object with its status is an answer to the older ones; the newer make one of anything.
  const without = isV2 ? OK : BAD_GATEWAY;
  return {
    request: {
      method,
      target: readText(event.rawPath) ?? readText(event.path) ?? '/',
      route: readRoute(isV2 ? readText(event.routeKey)?.replace(/^[A-Z]+ /, '') : readText(event.resource)),
      params: isFields(event.pathParameters) ? event.pathParameters : undefined,
      headers: isFields(event.headers) ? event.headers : undefined,
    },
    readEnd: (returned) => ({ statusCode: readStatus(returned) ?? without, isAborted: false }),
  };
}

/** As a number, or as the text of one, which the gateways take as well. */
function readStatus(returned: unknown): number | undefined {
  const { statusCode } = readFields(returned);
  const status = typeof statusCode === 'string' ? Number(statusCode) : statusCode;
  return Number.isInteger(status) ? (status as number) : undefined;
}

/** `$default` and a `{proxy+}` by itself take whatever comes. */
function readRoute(route: string | undefined): string | undefined {
  return route === undefined || !route.startsWith('/') || /^\/\{\w+\+\}$/.test(route) ? undefined : route;
}

interface SourceReader {
  /** The queue, the topic, the stream. */
  readonly readName: (record: Fields) => string | undefined;
  /** What one message has each time that it is handed over, unlike any other. */
  readonly readId: (record: Fields) => unknown;
}

/** `arn:aws:sqs:eu-west-1:123456789012:orders`. */
const readLastOfArn = (arn: unknown): string | undefined => readText(readText(arn)?.split(':').at(-1));
/** `arn:aws:kinesis:eu-west-1:123456789012:stream/clicks`, `…:table/orders/stream/2026-11-01T00:00:00.000`. */
const readResourceOfArn = (arn: unknown): string | undefined =>
  readText(readText(arn)?.split(':')[5]?.split('/')[1]);

const SOURCES: Readonly<Record<string, SourceReader>> = {
  'aws:sqs': {
    readName: ({ eventSourceARN }) => readLastOfArn(eventSourceARN),
    readId: ({ messageId }) => messageId,
  },
  'aws:sns': {
    readName: ({ Sns }) => readLastOfArn(readFields(Sns).TopicArn),
    readId: ({ Sns }) => readFields(Sns).MessageId,
  },
  'aws:kinesis': {
    readName: ({ eventSourceARN }) => readResourceOfArn(eventSourceARN),
    readId: ({ eventID }) => eventID,
  },
  'aws:dynamodb': {
    readName: ({ eventSourceARN }) => readResourceOfArn(eventSourceARN),
    readId: ({ eventID }) => eventID,
  },
};
const KAFKA_SOURCES: readonly unknown[] = ['aws:kafka', 'SelfManagedKafka'];

/** A batch of one queue, topic or stream: of one message it is one task however often that comes, else a task by itself. */
function readRecords(event: Fields): Job | undefined {
  if (KAFKA_SOURCES.includes(event.eventSource)) return readKafka(event);
  const { Records: records } = event;
  if (!Array.isArray(records) || !isFields(records[0])) return undefined;
  const [first, ...others] = records as [Fields, ...unknown[]];
  const source = SOURCES[String(first.eventSource ?? first.EventSource)];
  const name = source?.readName(first);
  if (source === undefined || name === undefined) return undefined;
  const id = source.readId(first);
  const arn = first.eventSourceARN ?? first.EventSubscriptionArn;
  const isOne = others.length === 0 && id !== undefined;
  return { kind: 'messaging', name, key: isOne ? [arn, id] : undefined, readEnd: readBatchEnd };
}

/** Records by `topic-partition`; Lambda asks for one topic at a time. */
function readKafka({ records }: Fields): Job | undefined {
  const lists = Object.values(readFields(records)).filter(Array.isArray) as unknown[][];
  const { topic, partition, offset, timestamp } = readFields(lists[0]?.[0]);
  const name = readText(topic);
  if (name === undefined) return undefined;
  const isOne = lists.flat().length === 1;
  return {
    kind: 'messaging',
    name,
    key: isOne ? [name, partition, offset, timestamp] : undefined,
    readEnd: readBatchEnd,
  };
}

/** A batch of which messages are sent back has failed, as one has that is sent back whole. */
function readBatchEnd(returned: unknown): { errorType?: string } {
  const { batchItemFailures: failures } = readFields(returned);
  return Array.isArray(failures) && failures.length > 0 ? { errorType: 'rejected' } : {};
}

const RULE = /:rule\/(?:[^/]+\/)?([^/]+)$/;

/** An event of EventBridge, by its type; a schedule by the name of its rule. */
function readEventBridge(event: Fields): Job | undefined {
  const type = readText(event['detail-type']);
  if (type === undefined || readText(event.source) === undefined) return undefined;
  const { resources } = event;
  const rule = Array.isArray(resources) ? RULE.exec(String(resources[0]))?.[1] : undefined;
  const key = event.id === undefined ? undefined : [event.source, event.id];
  if (event.source === 'aws.events' && rule !== undefined) return { kind: 'job', name: rule, key };
  return { kind: 'messaging', name: type, key };
}

/** A message over a WebSocket, by the route that the gateway has chosen for it. */
function readSocketMessage({ requestContext }: Fields): Job | undefined {
  const { connectionId, routeKey } = readFields(requestContext);
  const name = readText(routeKey);
  if (connectionId === undefined || name === undefined) return undefined;
  const readEnd = (returned: unknown) =>
    (readStatus(returned) ?? OK) >= 500 ? { errorType: String(readStatus(returned)) } : {};
  return { kind: 'job', name, readEnd };
}
