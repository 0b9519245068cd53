/** The variables of the dashboards, and queries that obey them. */
import { type Matchers, type Query, select } from '@costspan/monitoring';
import { METRIC } from '@costspan/semconv';

/** Variable → the label that it filters, and where its values come from. */
export const VARIABLES = {
  service: { label: 'service', title: 'Service', from: METRIC.CALLS.name },
  environment: { label: 'environment', title: 'Environment', from: METRIC.CALLS.name },
  feature: { label: 'feature', title: 'Feature', from: METRIC.CALLS.name },
  tier: { label: 'user_tier', title: 'User tier', from: METRIC.CALLS.name },
  tenant: { label: 'tenant', title: 'Tenant', from: METRIC.TENANT_COST.name },
  budget: { label: 'budget', title: 'Budget', from: METRIC.BUDGET_LIMIT.name },
} as const;
export type Variable = keyof typeof VARIABLES;

/** What calls are filtered by on every dashboard but that of budgets, whose amounts have no such labels. */
export const CALL_VARIABLES = [
  'service',
  'environment',
  'feature',
  'tier',
] as const satisfies readonly Variable[];

type Named = { readonly name: string; readonly labels: readonly string[] };
/** A recorded series as something to select from. */
export const named = ({ text, labels }: Query): Named => ({ name: text, labels });

/** A selector with every variable whose label the metric has: what it has not, it cannot be filtered by. */
export function scoped(metric: Named | Query, where: Matchers = {}): string {
  const from = 'name' in metric ? metric : named(metric);
  const variables = Object.entries(VARIABLES)
    .filter(([, { label }]) => from.labels.includes(label) && !(label in where))
    .map(([name, { label }]) => [label, `=~$${name}`] as const);
  return select(from, { ...Object.fromEntries(variables), ...where }).text;
}

/** What was added in the whole range that is shown. */
export const inRange = (metric: Named, where: Matchers = {}): string =>
  `increase(${scoped(metric, where)}[$__range])`;
/** Per second, over the step of the picture. */
export const rate = (metric: Named, where: Matchers = {}): string =>
  `rate(${scoped(metric, where)}[$__rate_interval])`;
export const sum = (by: readonly string[], text: string): string =>
  by.length === 0 ? `sum(${text})` : `sum by (${by.join(', ')}) (${text})`;
/** Per second over a fixed window, for what is too rare to be told by the step. */
export const rateOver =
  (window: string): typeof rate =>
  (metric, where) =>
    `rate(${scoped(metric, where)}[${window}])`;
/** A name for what has none: an empty label would be an empty legend. */
export const nameEmpty = (label: string, text: string): string =>
  `label_replace(${text}, "${label}", "none", "${label}", "")`;
/** A line at 0 where there is nothing at all, which here is the good case. */
export const orNothing = (label: string, text: string): string =>
  `${text} or on () label_replace(vector(0), "${label}", "none", "", "")`;
/** One divided by the other, where the other is not 0. */
export const ratio = (numerator: string, denominator: string): string =>
  `${numerator} / (${denominator} > 0)`;
/** A sum that is 0 where nothing of it ever happened, if the other one is known. */
export const orZero = (text: string, known: string): string => `(${text} or 0 * ${known})`;
/** What a share of the observations stay below, as far as the buckets of the histogram tell. */
export const quantile = (
  share: number,
  by: readonly string[],
  { metric, read }: { readonly metric: Named; readonly read: typeof rate },
): string =>
  `histogram_quantile(${share}, ${sum([...by, 'le'], read({ ...metric, name: `${metric.name}_bucket` }))})`;
