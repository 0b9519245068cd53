import { DEFAULT_CONFIG } from '@costspan/config';
import * as otel from '@opentelemetry/api';
import { type Attributor, startAttribution } from '../../src/attribution/attribution.ts';
import type { TaskEvent, TaskSpanStart } from '../../src/attribution/task.ts';

/** A task span as it was recorded. */
export interface WrittenSpan extends Omit<TaskSpanStart, 'attributes'> {
  attributes: Record<string, unknown>;
  spanId: string;
  events: TaskEvent[];
  isEnded: boolean;
  endMs?: number | undefined;
}

/** Attribution with its default config, recording into memory. */
export interface Started {
  readonly attributor: Attributor;
  readonly spans: WrittenSpan[];
  readonly errors: unknown[];
  /** Takes the spans out, without times and ids, so that whole objects can be compared. */
  takeSpans(): object[];
}

export function startInMemory(env: { COSTSPAN_FEATURE?: string } = {}): Started {
  const spans: WrittenSpan[] = [];
  const errors: unknown[] = [];
  const attributor = startAttribution({
    recorder: {
      startTask: (start) => {
        const spanId = (spans.length + 1).toString(16).padStart(16, '0');
        const span: WrittenSpan = {
          ...start,
          attributes: { ...start.attributes },
          spanId,
          events: [],
          isEnded: false,
        };
        spans.push(span);
        return {
          spanContext: () => ({ traceId: 'f'.repeat(32), spanId, traceFlags: 1 }),
          setAttributes: (attributes) => Object.assign(span.attributes, attributes),
          addEvent: (event) => {
            if (span.isEnded) throw new Error('event after the end');
            span.events.push(event);
          },
          end: (endMs) => {
            if (span.isEnded) throw new Error('ended twice');
            span.isEnded = true;
            span.endMs = endMs;
          },
        };
      },
    },
    config: DEFAULT_CONFIG,
    env,
    loadOtel: () => otel,
    onError: (error) => errors.push(error),
    flush: async () => undefined,
  });
  const takeSpans = (): object[] =>
    spans.splice(0).map(({ name, attributes, isEnded }) => {
      const { 'costspan.task.id': _id, 'costspan.task.parent.id': _parentId, ...rest } = attributes;
      return { name, ...rest, isEnded };
    });
  return { attributor, spans, errors, takeSpans };
}

/** Attribution of a call begun here, without what differs from run to run. */
export function resolve({ attributor }: Started): object {
  const { task: _task, taskId: _id, parent: _parent, ...rest } = attributor.resolve();
  return rest;
}
