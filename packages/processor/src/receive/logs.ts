import { ATTR, EVALUATION_EVENT } from '@costspan/semconv';

/** One OTLP log record, of which only evaluations are read. */
export interface LogView {
  readonly eventName: string;
  /** Lower-case hex; empty when it belongs to no span. */
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Emitters before OTLP 1.5 have the name in an attribute. */
export const isEvaluation = ({ eventName, attributes }: LogView): boolean =>
  (eventName || attributes[ATTR.EVENT_NAME]) === EVALUATION_EVENT;
