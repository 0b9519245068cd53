import {
  ATTR,
  EVALUATION_EVENT,
  EXCEPTION_EVENT,
  OPERATION,
  OTHER_ERROR_TYPE,
  OUTCOMES,
} from '@costspan/semconv';
import type { CallEvidence } from '../records.js';
import { readText } from './attribute.js';
import type { OutcomeJudge } from './outcome.js';
import type { SpanView } from './span.js';

type Attributes = SpanView['attributes'];

/** What stands for a client that went away: its request has a status that was never read, or none. */
const CLIENT_CLOSED_REQUEST = 499;

/** Class of what went wrong on a span: as it says, else its exception's, else `_OTHER` under an error status. */
export function readErrorType(span: SpanView): string | undefined {
  const stated = readText(span.attributes[ATTR.ERROR_TYPE]);
  if (stated !== undefined || !span.hasErrorStatus) return stated;
  return readExceptionTypes(span)[0] ?? OTHER_ERROR_TYPE;
}

const NONE: readonly string[] = [];
const readExceptionTypes = ({ events }: SpanView): readonly string[] =>
  events === undefined
    ? NONE
    : events.flatMap(({ name, attributes }) =>
        name === EXCEPTION_EVENT ? [readText(attributes[ATTR.EXCEPTION_TYPE]) ?? OTHER_ERROR_TYPE] : [],
      );

/** What the span of a task itself shows. */
export function readTaskEvidence(span: SpanView, judge: OutcomeJudge): bigint {
  const { attributes } = span;
  const stated = OUTCOMES.find((outcome) => outcome === attributes[ATTR.TASK_OUTCOME]);
  const source = stated === undefined ? undefined : attributes[ATTR.TASK_OUTCOME_SOURCE];
  const hasLeft = stated === 'abandoned' && source === 'http';
  const hasThrown = stated === 'failure' && source === 'exception';
  const facts = {
    'http.status_code': hasLeft
      ? CLIENT_CLOSED_REQUEST
      : (attributes[ATTR.HTTP_RESPONSE_STATUS_CODE] ?? attributes[ATTR.HTTP_STATUS_CODE]),
    'error.type': readErrorType(span) ?? (hasThrown ? OTHER_ERROR_TYPE : undefined),
    'exception.type': readExceptionTypes(span),
    status: span.hasErrorStatus ? 'error' : span.hasOkStatus === true ? 'ok' : undefined,
    attributes,
  };
  return judge.read({ subject: 'task', facts }) | readValidation(attributes, judge) | readEvents(span, judge);
}

/** What the span of a call shows of its task; undefined when it is nothing. */
export function readCallEvidence(span: SpanView, judge: OutcomeJudge): CallEvidence | undefined {
  const { attributes } = span;
  const reasons = attributes[ATTR.RESPONSE_FINISH_REASONS];
  const validation = attributes[ATTR.OUTPUT_VALIDATION_ERROR];
  const isAnswer =
    attributes[ATTR.OPERATION_NAME] !== OPERATION.EMBEDDINGS &&
    (reasons !== undefined || validation !== undefined || readErrorType(span) !== undefined);
  const events = readEvents(span, judge);
  if (!isAnswer) return events === 0n ? undefined : { bits: events, lastBits: undefined };
  return {
    bits: judge.read({ subject: 'call', facts: { finish_reason: reasons } }) | events,
    lastBits:
      judge.read({ subject: 'last_call', facts: { last_finish_reason: reasons } }) |
      readValidation(attributes, judge),
  };
}

/** What any other span shows of its task: a tool's error, evaluations. */
export function readOtherEvidence(span: SpanView, judge: OutcomeJudge): bigint {
  const isTool = span.attributes[ATTR.OPERATION_NAME] === OPERATION.EXECUTE_TOOL;
  const tool = isTool ? judge.read({ subject: 'tool', facts: { 'tool.error': readErrorType(span) } }) : 0n;
  return tool | readEvents(span, judge);
}

/** What one evaluation shows, from the attributes of its event. */
export const readEvaluation = (attributes: Attributes, judge: OutcomeJudge): bigint =>
  judge.read({
    subject: 'evaluation',
    facts: {
      'evaluation.name': attributes[ATTR.EVALUATION_NAME],
      'evaluation.score': attributes[ATTR.EVALUATION_SCORE_VALUE],
      'evaluation.label': attributes[ATTR.EVALUATION_SCORE_LABEL],
    },
  });

const readValidation = (attributes: Attributes, judge: OutcomeJudge): bigint =>
  judge.read({
    subject: 'validation',
    facts: { 'validation.error': attributes[ATTR.OUTPUT_VALIDATION_ERROR] },
  });

function readEvents({ events = [] }: SpanView, judge: OutcomeJudge): bigint {
  let bits = 0n;
  for (const { name, attributes } of events)
    if (name === EVALUATION_EVENT) bits |= readEvaluation(attributes, judge);
  return bits;
}
