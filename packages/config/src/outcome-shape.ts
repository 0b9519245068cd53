import type { Outcome } from '@costspan/semconv';
import { list, object, oneOrMore, optional, required } from './collections.js';
import type { OutcomeRule } from './outcome-rule.js';
import { oneOf, text } from './scalars.js';
import { describeValue, refine, report, reportType, type Shape } from './shape.js';

const STATUS_EXAMPLE = '"2xx"';

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

const CONDITION = refine(
  object({
    'http.status_code': optional(oneOrMore(STATUS), 'Status of the response: a code or a class like "2xx".'),
    'error.type': optional(
      oneOrMore(text('"*"')),
      'Class of the error or exception that ended the task; "*" is any.',
    ),
  }),
  (condition, place) => {
    if (Object.keys(condition).length > 0) return;
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
