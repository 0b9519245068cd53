import type { MetricDefinition } from '@costspan/semconv';
import { sumToUsd } from '../series/money.js';
import { type Exemplar, HistogramSeries, type Series, type SeriesAmounts } from '../series/series.js';
import { type Line, METRICS_FORMAT, type MetricsFormat } from './format.js';
import type { SeriesSnapshot, Snapshot } from './snapshot.js';

/** Text comes in pieces of about so many lines: one takes a fraction of a millisecond to make. */
const PIECE_LINES = 500;

/**
 * Metrics as they were read, as prom-client prints them, in pieces: tens of thousands of series must not be rendered in
 * one turn.
 */
export async function* renderSnapshots(
  snapshots: readonly Snapshot[],
  format: MetricsFormat = METRICS_FORMAT.PROMETHEUS,
): AsyncIterableIterator<string> {
  // Loaded for the first text: threads that make none, and a process that nobody scrapes, take some megabytes less.
  const { Piece } = await import('./piece.js');
  const isOpen = format === METRICS_FORMAT.OPENMETRICS;
  for (const [index, snapshot] of snapshots.entries()) {
    if (index > 0 && !isOpen) yield '\n';
    let isFirst = true;
    for (const lines of cut('samples' in snapshot ? snapshot.samples : readLines(snapshot))) {
      const text = await new Piece(snapshot.definition, lines, format).render();
      yield `${isFirst ? text : withoutHead(text)}\n`;
      isFirst = false;
    }
  }
  if (isOpen) yield '# EOF\n';
}

/** What the metric is stands before its first piece only. */
const withoutHead = (text: string): string => text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1);

/** At least one piece, so that a metric without series is told as well. */
function* cut(lines: Iterable<Line>): IterableIterator<readonly Line[]> {
  let piece: Line[] = [];
  for (const line of lines) {
    if (piece.length === PIECE_LINES) {
      yield piece;
      piece = [];
    }
    piece.push(line);
  }
  yield piece;
}

const NO_LABELS = {};

function* readLines({ definition, series, amounts, exemplars }: SeriesSnapshot): IterableIterator<Line> {
  for (const [index, one] of series.entries()) {
    const held = amounts[index]!;
    const sharedLabels = shareLabels(definition, one);
    if (one instanceof HistogramSeries)
      yield* readHistogram(definition.name, one, { sharedLabels, held, exemplar: exemplars.get(one) });
    else yield { labels: NO_LABELS, sharedLabels, value: toNumber(held[0] ?? 0) };
  }
}

/** The labels of a series, the same object at each scrape. */
function shareLabels({ labels: names }: MetricDefinition, series: Series): Readonly<Record<string, string>> {
  series.sharedLabels ??= Object.fromEntries(names.map((name, index) => [name, series.labels[index] ?? '']));
  return series.sharedLabels;
}

/** Place of the first bucket among what a histogram holds: its sum and its count stand before. */
const COUNTS_AT = 2;

/** Every bucket, the sum, the count. */
function* readHistogram(
  name: string,
  series: HistogramSeries,
  { sharedLabels, held, exemplar }: Pick<Line, 'sharedLabels'> & HeldByHistogram,
): IterableIterator<Line> {
  const { bounds } = series;
  const inBucket = exemplar === undefined ? -1 : series.bucketOf(exemplar.observed);
  const shared = sharedLabels === undefined ? {} : { sharedLabels };
  let value = 0;
  for (let bucket = 0; bucket <= bounds.length; bucket += 1) {
    value += Number(held[COUNTS_AT + bucket] ?? 0);
    const line = { metricName: `${name}_bucket`, labels: { le: bounds[bucket] ?? '+Inf' }, ...shared, value };
    yield bucket === inBucket && exemplar !== undefined
      ? { ...line, exemplar: readExemplar(exemplar) }
      : line;
  }
  const [sum = 0, count = 0] = held;
  yield { metricName: `${name}_sum`, labels: NO_LABELS, ...shared, value: toNumber(sum) };
  yield { metricName: `${name}_count`, labels: NO_LABELS, ...shared, value: Number(count) };
}

interface HeldByHistogram {
  readonly held: SeriesAmounts;
  readonly exemplar: Exemplar | undefined;
}

const readExemplar = ({ traceId, spanId, observed, endMs }: Exemplar): NonNullable<Line['exemplar']> => ({
  labelSet: { trace_id: traceId, span_id: spanId },
  value: observed,
  timestamp: endMs / 1000,
});

/** A bigint is always money. */
const toNumber = (value: number | bigint): number => (typeof value === 'bigint' ? sumToUsd(value) : value);
