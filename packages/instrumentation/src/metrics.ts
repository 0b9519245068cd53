import { createServer } from 'node:http';
import {
  Aggregate,
  isScrape,
  type ReadOptions,
  readCallRecord,
  readMetricsFormat,
  readTaskRecord,
  renderMetrics,
  type SpanView,
} from '@costspan/aggregate';
import { type Config, OutcomeRules } from '@costspan/config';
import { guard, reportFailure, warnOperator } from './diagnostics.js';
import type { OwnSpan } from './record/own-span.js';
import { readNowMs, setInterval } from './timers.js';

const SETTLE_INTERVAL_MS = 1_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Numbers of the OpenTelemetry API, in its order. */
const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUS_ERROR = 2;

/** What the in-process metrics need. */
export interface InProcessMetricsOptions {
  readonly config: Config;
  readonly price: ReadOptions['price'];
}

/** The processor's aggregate inside the application: for one process without collector and processor. */
export class InProcessMetrics {
  readonly #aggregate: Aggregate;
  readonly #read: ReadOptions;

  constructor({ config, price }: InProcessMetricsOptions) {
    const { tasks, limits, budgets, tenants, features } = config;
    const judge = new OutcomeRules(tasks.outcome);
    this.#read = {
      price,
      defaultFeature: features.default,
      labelChars: limits.labelChars,
      judge,
    };
    this.#aggregate = new Aggregate({
      judge,
      budgets,
      tenants,
      settleAfterMs: tasks.settleAfterMs,
      settleQuietMs: tasks.settleQuietMs,
      seriesPerMetric: limits.seriesPerMetric,
      openTasks: limits.openTasks,
      settledTasks: limits.settledTasks,
      defaultFeature: features.default,
    });
  }

  /** Counts a finished span, of whatever thread. */
  record(view: SpanView): void {
    guard('counting a span', () => {
      const call = readCallRecord(view, this.#read);
      const task = readTaskRecord(view, this.#read);
      if (call !== undefined) this.#aggregate.recordCall(call, readNowMs());
      if (task !== undefined) this.#aggregate.recordTask(task, readNowMs());
    });
  }

  /** Serves `GET /metrics` on loopback; neither the server nor its timer keeps the process alive. */
  serve(port: number): void {
    const server = createServer((request, response) => {
      if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      const format = readMetricsFormat(request.headers);
      renderMetrics(this.#aggregate, readNowMs(), { isScrape: isScrape(request.headers), format }).then(
        (text) => response.writeHead(200, { 'content-type': format }).end(text),
        (error: unknown) => {
          reportFailure('rendering metrics', error);
          response.writeHead(500).end();
        },
      );
    });
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.on('error', (error) =>
      warnOperator(
        'COSTSPAN_METRICS_PORT',
        `costspan cannot serve metrics on port ${port} (${error.message}). Fix: set COSTSPAN_METRICS_PORT to a free port.`,
      ),
    );
    server.on('connection', (socket) => socket.unref());
    // A port that the processes of a cluster share would answer with the counters of one of them, and then of another.
    server.listen({ port, host: '127.0.0.1', exclusive: true }).unref();
    setInterval(
      () => guard('settling tasks', () => this.#aggregate.settle(readNowMs())),
      SETTLE_INTERVAL_MS,
    ).unref();
  }
}

/** A finished span as the aggregate reads it; `resource` says the service's name and environment. */
export const viewSpan = (span: OwnSpan, resource: Readonly<Record<string, unknown>>): SpanView => ({
  traceId: span.context.traceId,
  spanId: span.context.spanId,
  name: span.name,
  kind: KINDS[span.kind] ?? 'unspecified',
  startMs: span.startMs,
  endMs: span.endMs ?? span.startMs,
  hasErrorStatus: span.status.code === STATUS_ERROR,
  ...(span.events !== undefined && {
    events: span.events.map(({ name, attributes }) => ({ name, attributes: attributes.toRecord() })),
  }),
  attributes: span.attributes.toRecord(),
  resource,
  scopeName: '@costspan/instrumentation',
});
