import type { MetricDefinition } from '@costspan/semconv';

/** Label matchers of a selector, `{ outcome: '!=success' }`: the operator, then the value. */
export type Matchers = Readonly<Record<string, `${Operator}${string}`>>;
type Operator = '=' | '!=' | '=~' | '!~';

/** A metric, or a series that a rule recorded. */
type Labelled = Pick<MetricDefinition, 'name' | 'labels'>;

/** A PromQL expression together with the labels it still has: what is divided must agree in them. */
export interface Query {
  readonly text: string;
  readonly labels: readonly string[];
}

/** A quoted PromQL string; Go's escapes contain those of JSON. */
export const quote = (value: string): string => JSON.stringify(value);

/** The terms of a selector. Throws when the metric has no such label: Prometheus would silently match nothing. */
export const matcherTerms = (metric: Labelled, matchers: Matchers): string[] =>
  Object.entries(matchers).map(([label, matcher]) => {
    requireLabel(metric, label);
    const [, operator, value] = /^(!=|=~|!~|=)(.*)$/s.exec(matcher)!;
    return `${label}${operator}${quote(value!)}`;
  });

/** A selector of one metric. Throws when the metric has no such label. */
export function select(metric: Labelled, matchers: Matchers = {}): Query {
  const terms = matcherTerms(metric, matchers);
  return { text: `${metric.name}${terms.length > 0 ? `{${terms.join(',')}}` : ''}`, labels: metric.labels };
}

/** Summed per label set; the rate is taken before the sum, so that one process's restart stays its own. */
export function sumRate(by: readonly string[], metric: MetricDefinition, window: string): Query {
  return aggregate('sum', by, { metric, text: `rate(${select(metric).text}[${window}])` });
}

/** The highest value over a window that ended some time ago, `{ window: '2h', ago: '167h' }`. */
export const maxOver = (query: Query, { window, ago }: { window: string; ago: string }): Query => ({
  ...query,
  text: `max_over_time(${query.text}[${window}] offset ${ago})`,
});

/** Increase over a window, summed per label set. */
export function sumIncrease(
  by: readonly string[],
  metric: MetricDefinition,
  options: { readonly window: string; readonly where?: Matchers },
): Query {
  const selected = select(metric, options.where).text;
  return aggregate('sum', by, { metric, text: `increase(${selected}[${options.window}])` });
}

/** The series of a query, all or some, summed per label set. Throws when they have no such label. */
export function sumOf(by: readonly string[], query: Query, where: Matchers = {}): Query {
  const selected = select({ ...query, name: query.text }, where);
  return aggregate('sum', by, { metric: { ...query, name: query.text }, text: selected.text });
}

/** A gauge of which every process reports the same. */
export function maxGauge(by: readonly string[], metric: Labelled): Query {
  return aggregate('max', by, { metric, text: select(metric).text });
}

/** The highest of what each process reported last, within a window. */
export function maxLast(by: readonly string[], metric: Labelled, window: string): Query {
  return aggregate('max', by, { metric, text: `last_over_time(${select(metric).text}[${window}])` });
}

function aggregate(
  operator: 'sum' | 'max',
  by: readonly string[],
  { metric, text }: { metric: Labelled; text: string },
): Query {
  for (const label of by) requireLabel(metric, label);
  return { text: `${operator} by (${by.join(', ')}) (${text})`, labels: by };
}

/** One divided by the other, per label set. Throws when their labels differ: nothing would match. */
export function divide(numerator: Query, denominator: Query): Query {
  requireSameLabels('divide', numerator, denominator);
  return { text: `${numerator.text} / ${denominator.text}`, labels: numerator.labels };
}

/** A series as it was some time ago. */
export const offset = (query: Query, ago: string): Query => ({
  ...query,
  text: `${query.text} offset ${ago}`,
});

/** The same query without its series that are 0: for denominators. */
export const positive = (query: Query): Query => ({ ...query, text: `(${query.text} > 0)` });

/**
 * The first query, and 0 where only the second has a series: what never happened has no series, and anything computed
 * from it would have none either. Throws when their labels differ.
 */
export function orZero(query: Query, known: Query): Query {
  requireSameLabels('orZero', query, known);
  return { ...query, text: `(${query.text} or 0 * ${known.text})` };
}

function requireSameLabels(operation: string, one: Query, other: Query): void {
  if (one.labels.join() === other.labels.join()) return;
  throw new Error(
    `${operation}: ${one.text} has the labels ${one.labels}, ${other.text} has ${other.labels}`,
  );
}

/** Throws when the metric has no such label. */
export function requireLabel(metric: Labelled, label: string): void {
  if (!metric.labels.includes(label)) {
    throw new Error(`${metric.name} has no label ${label}; it has ${metric.labels.join(', ')}`);
  }
}
