import type { MetricDefinition } from '@costspan/semconv';
import { sumToUsd } from './money.js';
import { type Exemplar, HistogramSeries, type SeriesAmounts } from './series.js';
import type { SeriesSnapshot, Snapshot } from './snapshot.js';

/** A text format of metrics, by its content type: Prometheus' own, or OpenMetrics, which alone has exemplars. */
export const METRICS_FORMAT = {
  PROMETHEUS: 'text/plain; version=0.0.4; charset=utf-8',
  OPENMETRICS: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;
export type MetricsFormat = (typeof METRICS_FORMAT)[keyof typeof METRICS_FORMAT];

/** Text comes in pieces of about so many characters: one takes a fraction of a millisecond to make. */
const PIECE_CHARS = 32_768;

/**
 * Metrics as they were read, as text in pieces: tens of thousands of series must not be rendered in one turn. A series
 * keeps the text of its labels, which are most of the text and never change.
 */
export function* renderSnapshots(
  snapshots: readonly Snapshot[],
  format: MetricsFormat = METRICS_FORMAT.PROMETHEUS,
): IterableIterator<string> {
  const isOpen = format === METRICS_FORMAT.OPENMETRICS;
  let text = '';
  for (const [index, snapshot] of snapshots.entries()) {
    if (index > 0 && !isOpen) text += '\n';
    text += renderHead(snapshot.definition, isOpen);
    for (const lines of 'samples' in snapshot ? renderSamples(snapshot) : renderSeries(snapshot, isOpen)) {
      text += lines;
      if (text.length < PIECE_CHARS) continue;
      yield text;
      text = '';
    }
  }
  yield isOpen ? `${text}# EOF\n` : text;
}

/** In OpenMetrics a counter has its suffix on its samples and not in its name. */
function renderHead({ name, help, type }: MetricDefinition, isOpen: boolean): string {
  const family = isOpen && type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# HELP ${family} ${escapeText(help)}\n# TYPE ${family} ${type}\n`;
}

function* renderSamples({
  definition: { name },
  samples,
}: Extract<Snapshot, { samples: unknown }>): IterableIterator<string> {
  for (const { labels, value } of samples) {
    const text = renderLabels(Object.keys(labels), Object.values(labels));
    yield `${name}${text === '' ? '' : `{${text}}`} ${renderNumber(value)}\n`;
  }
}

function* renderSeries(
  { definition, series, amounts, exemplars }: SeriesSnapshot,
  isOpen: boolean,
): IterableIterator<string> {
  const { name } = definition;
  for (const [index, one] of series.entries()) {
    one.labelText ??= renderLabels(definition.labels, one.labels);
    const held = amounts[index]!;
    if (one instanceof HistogramSeries)
      yield renderHistogram(name, one, { held, exemplar: isOpen ? exemplars.get(one) : undefined });
    else yield `${name}${renderBraces(one.labelText)} ${renderAmount(held[0] ?? 0)}\n`;
  }
}

/** Place of the first bucket among what a histogram holds: its sum and its count stand before. */
const COUNTS_AT = 2;

/** Every bucket, the sum, the count. */
function renderHistogram(
  name: string,
  series: HistogramSeries<number> | HistogramSeries<bigint>,
  { held, exemplar }: { held: SeriesAmounts; exemplar: Exemplar | undefined },
): string {
  const { labelText = '', bounds } = series;
  const [sum = 0, count = 0] = held;
  const before = `${name}_bucket{${labelText}${labelText === '' ? '' : ','}le="`;
  const inBucket = exemplar === undefined ? -1 : series.bucketOf(exemplar.observed);
  let text = '';
  let cumulative = 0;
  for (let bucket = 0; bucket <= bounds.length; bucket += 1) {
    cumulative += Number(held[COUNTS_AT + bucket] ?? 0);
    const shown = bucket === inBucket && exemplar !== undefined ? renderExemplar(exemplar) : '';
    text += `${before}${bounds[bucket] ?? '+Inf'}"} ${cumulative}${shown}\n`;
  }
  const braces = renderBraces(labelText);
  return `${text}${name}_sum${braces} ${renderAmount(sum)}\n${name}_count${braces} ${count}\n`;
}

const renderExemplar = ({ traceId, spanId, observed, endMs }: Exemplar): string =>
  ` # {trace_id="${traceId}",span_id="${spanId}"} ${renderNumber(observed)} ${endMs / 1000}`;

const renderBraces = (labelText: string): string => (labelText === '' ? '' : `{${labelText}}`);

/** One flat text: the parts of a text that was put together piece by piece would stay in memory beside it. */
const renderLabels = (names: readonly string[], values: readonly string[]): string =>
  names.map((name, index) => `${name}="${escapeText(values[index] ?? '').replaceAll('"', '\\"')}"`).join(',');

const escapeText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

/** A bigint is always money. */
const renderAmount = (amount: number | bigint): string =>
  renderNumber(typeof amount === 'bigint' ? sumToUsd(amount) : amount);

function renderNumber(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  if (Number.isNaN(value)) return 'NaN';
  return value < 0 ? '-Inf' : '+Inf';
}
