import type { Outcome } from '@costspan/semconv';
import { dictionary, list, object, oneOrMore, optional, required } from './collections.js';
import { describePatternError } from './outcome-pattern.js';
import type { OutcomeRule } from './outcome-rule.js';
import { duration, oneOf } from './scalars.js';
import { describeValue, refine, report, reportType, type Shape } from './shape.js';

const STATUS_EXAMPLE = '"2xx"';
const MAX_PATTERN_CHARS = 200;

/** An HTTP status code (404, "404") or a class of them ("4xx"); a text once parsed. */
const STATUS: Shape<string> = {
  schema: {
    anyOf: [
      { type: 'integer', minimum: 100, maximum: 599 },
      { type: 'string', pattern: '^[1-5]([0-9][0-9]|xx)$' },
    ],
  },
  example: STATUS_EXAMPLE,
  parse(place) {
    const value = place.tree.kind === 'scalar' ? place.tree.value : undefined;
    if (typeof value !== 'string' && typeof value !== 'number') {
      return reportType(place, 'a status code or a class of them', STATUS_EXAMPLE);
    }
    if (/^[1-5](\d\d|xx)$/.test(String(value))) return String(value);
    return report(place, {
      code: 'COSTSPAN_CONFIG_WRONG_VALUE',
      message: `${describeValue(value)} is not a status code from 100 to 599 or a class like "2xx"`,
      fix: `write for example ${STATUS_EXAMPLE} or 404`,
    });
  },
};

/** One value of a span: exact, `*`, `<0.5` or `~expression`; numbers and booleans as they are. A text once parsed. */
const pattern = (example: string): Shape<string> => ({
  schema: { type: ['string', 'number', 'boolean'], minLength: 1, maxLength: MAX_PATTERN_CHARS },
  example,
  parse(place) {
    const value = place.tree.kind === 'scalar' ? place.tree.value : undefined;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (typeof value !== 'string') return reportType(place, 'a value or a pattern', example);
    const isText = value !== '' && value.length <= MAX_PATTERN_CHARS && !/\p{Cc}/u.test(value);
    const problem = isText
      ? describePatternError(value)
      : `is not a text of 1 to ${MAX_PATTERN_CHARS} characters`;
    if (problem === undefined) return value;
    return report(place, {
      code: 'COSTSPAN_CONFIG_WRONG_VALUE',
      message: `${describeValue(value)} ${problem}`,
      fix: 'write an exact value, "*", a comparison like "<0.5" or an expression like "~^refund"',
    });
  },
});
const patterns = (example: string) => oneOrMore(pattern(example));

const CONDITION = refine(
  object({
    'http.status_code': optional(oneOrMore(STATUS), 'Status of the response: a code or a class like "2xx".'),
    'error.type': optional(
      patterns('"*"'),
      'Class of the error or exception that ended the task; "*" is any.',
    ),
    'exception.type': optional(
      patterns('TimeoutError'),
      'Class of an exception event on the span of the task, handled or not.',
    ),
    status: optional(oneOrMore(oneOf(['error', 'ok'])), 'Status of the span of the task.'),
    attributes: optional(
      dictionary(patterns('true'), 'support.escalated'),
      'Any attributes of the span of the task, by name.',
    ),
    finish_reason: optional(patterns('length'), 'Why any call of the task stopped.'),
    last_finish_reason: optional(patterns('length'), 'Why the last call of the task stopped.'),
    'tool.error': optional(patterns('"*"'), 'Class of the error of a tool that the task executed.'),
    'validation.error': optional(
      patterns('"*"'),
      'Structured output that did not validate: of the task, or of its last call.',
    ),
    'evaluation.name': optional(patterns('relevance'), 'Name of an evaluation of the task.'),
    'evaluation.score': optional(patterns('"<0.5"'), 'Score of the same evaluation.'),
    'evaluation.label': optional(patterns('fail'), 'Label of the same evaluation.'),
    repeated_within: optional(
      duration('2m', { minimumMs: 1000, maximumMs: 86_400_000 }),
      'The same session began a task of the same name at most so long after this one ended.',
    ),
  }),
  (condition, place) => {
    const { attributes, ...others } = condition;
    if (Object.keys(others).length + Object.keys(attributes ?? {}).length > 0) return;
    report(place, {
      code: 'COSTSPAN_CONFIG_MISSING_KEY',
      message: 'a rule without a condition would decide every task',
      fix: `add for example http.status_code: ${STATUS_EXAMPLE}`,
    });
  },
);

/** The rules of `tasks.outcome`. */
export function outcomeRules(outcomes: readonly Outcome[]): Shape<readonly OutcomeRule[]> {
  return list(
    object({
      when: required(CONDITION, 'All of these must hold.'),
      is: required(oneOf(outcomes), 'The outcome of the task.'),
    }),
  );
}
