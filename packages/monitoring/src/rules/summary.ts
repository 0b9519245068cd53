import { type Matchers, matcherTerms, offset, type Query, quote, requireLabel, select } from '../queries.js';

/** A function of the template language, the same in Prometheus and in Grafana. */
export type Format = 'humanizePercentage' | 'humanizeDuration' | `printf "%.${number}f"`;

/** A label of the alert. */
interface ShownLabel {
  readonly kind: 'label';
  readonly label: string;
  /** Text around a label that may be empty; without it the label stands as it is. */
  readonly around?: readonly [before: string, after: string];
}
/** The value that the alert's own expression has. */
interface ShownValue {
  readonly kind: 'value';
  readonly format: Format;
}
/** Another number about the same labels; nothing is shown where it has no series. */
export interface ShownSeries {
  readonly kind: 'series';
  readonly series: Query;
  /** The alert's labels that find it. */
  readonly by: readonly string[];
  readonly where: Matchers;
  readonly ago?: string;
  readonly format: Format;
}
type Part = string | ShownLabel | ShownValue | ShownSeries;
/** One sentence with the numbers in it, in no template language yet. */
export type Summary = readonly Part[];

export const label = (name: string): ShownLabel => ({ kind: 'label', label: name });
/** A label in parentheses, and nothing where it is empty. */
export const labelInParentheses = (name: string): ShownLabel => ({
  kind: 'label',
  label: name,
  around: [' (', ')'],
});
/** A label with words before it, and nothing where it is empty. */
export const labelAfter = (words: string, name: string): ShownLabel => ({
  kind: 'label',
  label: name,
  around: [words, ''],
});
export const value = (format: Format): ShownValue => ({ kind: 'value', format });

interface SeriesOptions {
  readonly by: readonly string[];
  readonly format: Format;
  readonly where?: Matchers;
  readonly ago?: string;
}
/** Another series in a summary. Throws when it has no such label: nothing would be shown. */
export function seriesValue(series: Query, { where = {}, ...options }: SeriesOptions): ShownSeries {
  for (const name of options.by) requireLabel(named(series), name);
  return { kind: 'series', series, where, ...options };
}

const named = (series: Query) => ({ ...series, name: series.text });

/** A summary as a tagged template: `` summary`Budget ${label('budget')} is spent.` `` */
export function summary(
  texts: TemplateStringsArray,
  ...shown: readonly (Exclude<Part, string> | Summary)[]
): Summary {
  return texts.flatMap((text, index): readonly Part[] => {
    const next = shown[index];
    const before = text === '' ? [] : [text];
    if (next === undefined) return before;
    return 'kind' in next ? [...before, next] : [...before, ...next];
  });
}

/** In Prometheus' template language, where a template may ask Prometheus. */
export function renderForPrometheus(parts: Summary): string {
  return render(parts, {
    value: (format) => `{{ $value | ${format} }}`,
    series: ({ series, where, by, ago, format }) => {
      const terms = [...matcherTerms(named(series), where), ...by.map((name) => `${name}=%q`)];
      const selected = { ...series, text: `${series.text}{${terms.join(',')}}` };
      const query = `sum(${(ago === undefined ? selected : offset(selected, ago)).text})`;
      const labels = by.map((name) => ` $labels.${name}`).join('');
      return `{{ with printf ${quote(query)}${labels} | query }}{{ . | first | value | ${format} }}{{ end }}`;
    },
  });
}

/** A query that a Grafana alert asks beside its own, to show its number. */
export interface SideQuery {
  readonly refId: string;
  readonly expr: string;
}

/** In Grafana's, where a template sees the values of the alert's queries alone: they are listed beside it. */
export function renderForGrafana(
  parts: Summary,
  ownRefId: string,
): { readonly text: string; readonly queries: readonly SideQuery[] } {
  const queries: SideQuery[] = [];
  const text = render(parts, {
    value: (format) => `{{ with $values.${ownRefId} }}{{ .Value | ${format} }}{{ end }}`,
    series: ({ series, where, by, ago, format }) => {
      const refId = `N${queries.length + 1}`;
      const selected = select(named(series), where);
      const { text: expr } = ago === undefined ? selected : offset(selected, ago);
      queries.push({ refId, expr: `sum by (${by.join(', ')}) (${expr})` });
      return `{{ with $values.${refId} }}{{ .Value | ${format} }}{{ end }}`;
    },
  });
  return { text, queries };
}

interface Language {
  value(format: Format): string;
  series(shown: ShownSeries): string;
}

function render(parts: Summary, language: Language): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      if (part.kind === 'value') return language.value(part.format);
      if (part.kind === 'series') return language.series(part);
      if (part.around === undefined) return `{{ $labels.${part.label} }}`;
      const [before, after] = part.around;
      return `{{ with $labels.${part.label} }}${before}{{ . }}${after}{{ end }}`;
    })
    .join('');
}
