/** Calls of a service and of the gateway that it asks, each in a trace of its own, and what is counted of them. */
import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { Aggregate, type CallRecord } from '../src/index.ts';
import { arrivalOf, arrive, callOf, TRACE } from './arrivals.ts';
import { NOW_MS } from './records.ts';

export const HOST = 'llm.internal:4000';
export const traceOf = (name: string): string => TRACE.slice(0, -name.length) + name;
export const own = { emitter: INSTRUMENTATION_SCOPE, responseId: 'chatcmpl-1' } as const;

/** A call that a service sends to its gateway. */
export const asks = (name: string, differs: Partial<CallRecord> = {}): CallRecord =>
  named(
    callOf(name, '', {
      ...own,
      traceId: traceOf(`${name}aa`),
      service: 'shop',
      feature: 'support',
      tenant: 'acme',
      task: { id: `task-${name}`, name: 'resolve' },
      sentTo: HOST,
      endMs: NOW_MS + 5,
      durationSeconds: 0.3,
      ...differs,
    }),
  );
/** The one that the gateway makes for it. */
export const relays = (name: string, differs: Partial<CallRecord> = {}): CallRecord =>
  named(
    callOf(name, '', {
      ...own,
      traceId: traceOf(`${name}bb`),
      service: 'gateway',
      feature: '/v1/chat/completions',
      userTier: '',
      tenant: '',
      task: { id: `request-${name}`, name: 'POST /v1/chat/completions' },
      sentTo: 'api.openai.com',
      askedAt: HOST,
      durationSeconds: 0.2,
      ...differs,
    }),
  );

/** Costspan's own reports name their task. */
export function named({ seeksTask: _, ...call }: CallRecord): CallRecord {
  return call;
}

/** What is counted, by service and feature. */
export function listCalls(aggregate: Aggregate): readonly string[] {
  return aggregate.series
    .filter(({ definition }) => definition.name === 'llm_calls_total')
    .flatMap((set) => [...set.values()])
    .flatMap((series) => {
      const [service, , feature] = series.labels;
      const count = 'value' in series ? Number(series.value) : 0;
      return count === 0 ? [] : [`${count} ${service} ${feature}`];
    })
    .sort();
}
export function countAll(calls: readonly CallRecord[], aggregate = new Aggregate()): readonly string[] {
  for (const one of calls) arrive(aggregate, [arrivalOf(one)]);
  aggregate.settle(NOW_MS + 60_001);
  return listCalls(aggregate);
}
/** They wait. */
export function countNone(aggregate: Aggregate, calls: readonly CallRecord[]): void {
  for (const one of calls) arrive(aggregate, [arrivalOf(one)]);
}
export const TWICE = ['1 gateway /v1/chat/completions', '1 shop support'];
export const early = { feature: 'early', tokens: { ...asks('e0').tokens!, input: 9 } };
/** Calls that were sent there before: it is known that somebody does. */
export const knowing = (...hosts: readonly string[]): Aggregate => {
  const aggregate = new Aggregate();
  for (const [index, sentTo] of hosts.entries())
    arrive(aggregate, [arrivalOf(asks(`e${index}`, { ...early, responseId: `early-${index}`, sentTo }))]);
  return aggregate;
};
export const late = (rows: readonly string[]): readonly string[] =>
  rows.filter((row) => !row.includes('early'));

/** As a provider gives them: each one once. */
export const RARE_ID = 'chatcmpl-BvQ3o1u7mXc8Kp2Lw9ZtYrNd';
