/** Prometheus answers as Grafana's data frames. */
import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import { type Panel, problems, type Scene, type Target } from './model';

interface Series {
  metric: Record<string, string>;
  value?: [number, string];
  values?: [number, string][];
}

const NUMBERS: Record<string, number> = { '+Inf': Infinity, '-Inf': -Infinity, NaN: Number.NaN };
const readNumber = (text: string): number => NUMBERS[text] ?? Number(text);

/** Points of a line: one for each pixel or two, but never closer than the scrapes. */
const stepSeconds = ({ fromMs, toMs }: Scene): number =>
  Math.max(60, Math.ceil((toMs - fromMs) / 1000 / 300 / 60) * 60);

/** Every variable at "All", the times as Grafana would set them for a scrape a minute. */
export function fillVariables(expr: string, scene: Scene): string {
  const rateSeconds = Math.max(stepSeconds(scene) + 60, 240);
  return expr
    .replaceAll('$__rate_interval', `${rateSeconds}s`)
    .replaceAll('$__range', `${(scene.toMs - scene.fromMs) / 1000}s`)
    .replace(/\$\{?[a-z]\w*\}?/g, '.*');
}

async function ask(panel: Panel, target: Target, scene: Scene): Promise<Series[]> {
  const step = stepSeconds(scene);
  const to = Math.floor(scene.toMs / 1000 / step) * step;
  const from = Math.floor(scene.fromMs / 1000 / step) * step;
  const time: Record<string, string> = target.instant
    ? { time: String(scene.toMs / 1000) }
    : { start: String(from), end: String(to), step: String(step) };
  const response = await fetch(`/api/v1/${target.instant ? 'query' : 'query_range'}`, {
    method: 'POST',
    body: new URLSearchParams({ query: fillVariables(target.expr, scene), ...time }),
  });
  const answer = (await response.json()) as { status: string; error?: string; data?: { result: Series[] } };
  if (answer.status !== 'success' || answer.data === undefined) {
    problems.push(`${panel.title} ${target.refId}: ${answer.error ?? response.status}`);
    return [];
  }
  return answer.data.result;
}

const legendOf = ({ legendFormat = '' }: Target, labels: Record<string, string>): string =>
  legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => labels[name] ?? '').trim();

function toFrames(target: Target, series: Series[], stepMs: number): DataFrame[] {
  return series.map(({ metric, value, values = value === undefined ? [] : [value] }) => {
    const { __name__: _, ...labels } = metric;
    return createDataFrame({
      refId: target.refId,
      name: legendOf(target, labels),
      fields: [
        {
          name: 'Time',
          type: FieldType.time,
          values: values.map(([seconds]) => seconds * 1000),
          config: { interval: stepMs },
        },
        {
          name: 'Value',
          type: FieldType.number,
          labels,
          // Grafana draws a gap where a number is none.
          values: values
            .map(([, text]) => readNumber(text))
            .map((number) => (Number.isFinite(number) ? number : null)),
          config: { displayNameFromDS: legendOf(target, labels) || '(none)' },
        },
      ],
    });
  });
}

/** One frame with a column for each label, as the data source does for tables. */
function toTable(target: Target, series: Series[], isOnly: boolean): DataFrame[] {
  const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))].filter(
    (name) => name !== '__name__',
  );
  return [
    createDataFrame({
      refId: target.refId,
      fields: [
        {
          name: 'Time',
          type: FieldType.time,
          values: series.map(({ value }) => value![0] * 1000),
          config: {},
        },
        ...labels.map((name) => ({
          name,
          type: FieldType.string,
          values: series.map(({ metric }) => metric[name] ?? ''),
          config: {},
        })),
        {
          name: isOnly ? 'Value' : `Value #${target.refId}`,
          type: FieldType.number,
          values: series.map(({ value }) => readNumber(value![1])),
          config: {},
        },
      ],
    }),
  ];
}

/** The frames of a panel. A query without a series is a problem: these pictures are drawn where everything has data. */
export async function readFrames(panel: Panel, scene: Scene): Promise<DataFrame[]> {
  const targets = panel.targets ?? [];
  const frames = await Promise.all(
    targets.map(async (target) => {
      const series = await ask(panel, target, scene);
      if (series.length === 0) problems.push(`${panel.title} ${target.refId}: no series`);
      if (target.format === 'table') return toTable(target, series, targets.length === 1);
      return toFrames(target, series, stepSeconds(scene) * 1000);
    }),
  );
  return frames.flat();
}
