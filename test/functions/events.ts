/** Events of AWS Lambda, as far as anybody reads them. */

/** What the function is to do. */
export interface Order {
  readonly returns?: unknown;
  readonly throws?: string;
  readonly statusCode?: number;
  readonly sleepMs?: number;
  readonly isSilent?: boolean;
  readonly isHasty?: boolean;
}

const ACCOUNT = 'eu-west-1:123456789012';

/** Of an HTTP API, and of a function's URL, whose route is always `$default`. */
export const httpEvent = (order: Order, routeKey = 'POST /tickets/{id}', path = '/tickets/4711') => ({
  version: '2.0',
  routeKey,
  rawPath: path,
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  pathParameters: { id: '4711' },
  requestContext: { http: { method: 'POST', path } },
  body: JSON.stringify(order),
});

/** Of a REST API. */
export const restEvent = (order: Order, resource = '/tickets/{id}', path = '/tickets/4711') => ({
  resource,
  path,
  httpMethod: 'GET',
  headers: { Accept: '*/*' },
  pathParameters: { id: '4711' },
  requestContext: { resourcePath: resource, httpMethod: 'GET', stage: 'prod' },
  body: JSON.stringify(order),
});

export const balancerEvent = (order: Order) => ({
  requestContext: { elb: { targetGroupArn: `arn:aws:elasticloadbalancing:${ACCOUNT}:targetgroup/shop/1` } },
  httpMethod: 'GET',
  path: '/tickets/4711',
  queryStringParameters: {},
  headers: { accept: '*/*' },
  body: JSON.stringify(order),
});

export const sqsEvent = (order: Order, ids: readonly string[] = ['m-1']) => ({
  Records: ids.map((messageId) => ({
    messageId,
    body: JSON.stringify(order),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${ACCOUNT}:orders`,
  })),
});

export const snsEvent = (order: Order) => ({
  order,
  Records: [
    {
      EventSource: 'aws:sns',
      EventSubscriptionArn: `arn:aws:sns:${ACCOUNT}:news:1`,
      Sns: { TopicArn: `arn:aws:sns:${ACCOUNT}:news`, MessageId: 's-1', Message: '' },
    },
  ],
});

export const kinesisEvent = (order: Order) => ({
  order,
  Records: ['1', '2'].map((id) => ({
    eventSource: 'aws:kinesis',
    eventSourceARN: `arn:aws:kinesis:${ACCOUNT}:stream/clicks`,
    eventID: `shardId-000:${id}`,
    kinesis: { data: '' },
  })),
});

export const kafkaEvent = (order: Order) => ({
  order,
  eventSource: 'aws:kafka',
  records: { 'payments-0': [{ topic: 'payments', partition: 0, offset: 15, timestamp: 1761955200000 }] },
});

export const busEvent = (order: Order) => ({
  order,
  version: '0',
  id: 'e-1',
  source: 'shop.checkout',
  'detail-type': 'OrderPlaced',
  resources: [],
  detail: {},
});

export const scheduleEvent = (order: Order) => ({
  order,
  id: 'e-2',
  source: 'aws.events',
  'detail-type': 'Scheduled Event',
  resources: [`arn:aws:events:${ACCOUNT}:rule/nightly`],
  detail: {},
});

export const socketEvent = (order: Order) => ({
  order,
  requestContext: { routeKey: 'ask', eventType: 'MESSAGE', connectionId: 'c-1' },
});

/** A test of the function, a step of a state machine, another function: nothing says what it is. */
export const directEvent = (order: Order) => ({ order });
