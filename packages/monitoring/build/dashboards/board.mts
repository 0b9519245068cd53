/** A dashboard from lines of tiles: variables, links to the others, annotations, ids and places. */
import { BOARDS, type Board, boardUid } from '@costspan/monitoring';
import { PROCESSOR_METRIC } from '@costspan/semconv';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { DATASOURCE, type Tile } from './panel.mts';
import { VARIABLES, type Variable } from './scope.mts';

export interface BoardOptions {
  readonly board: Board;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  /** Lines of tiles, from the top; a line is as high as its tiles. */
  readonly lines: readonly (readonly Tile[])[];
}

const COLUMNS = 24;
const TAG = 'costspan';
const TITLES: Readonly<Record<Board, string>> = {
  overview: 'Overview',
  'unit-economics': 'Unit economics',
  budgets: 'Budgets',
  models: 'Models and caching',
  tenants: 'Tenants and tiers',
  'pipeline-health': 'Pipeline health',
};

/** In a link: a label of the series that was clicked. */
export const clickedLabel = (label: string): string => `\${__field.labels.${label}}`;
/** In a link: the cell of the table that was clicked. */
export const CLICKED_CELL = `\${__value.raw}`;

/** Where a click leads: another dashboard with the same time and filters, one of them set to what was clicked. */
export const linkTo = (board: Board, set: Partial<Record<Variable, string>>) => {
  const variables = Object.entries(set).map(([variable, value]) => `&var-${variable}=${value}`);
  return {
    title: `${TITLES[board]}: details`,
    url: `/d/${boardUid(board)}?\${__url_time_range}${variables.join('')}`,
  };
};

/** The dashboard as Grafana reads it from a file. */
export function buildBoard({ board, title, description, variables, lines }: BoardOptions): object {
  const builder = new dashboard.DashboardBuilder(`costspan / ${title}`)
    .uid(boardUid(board))
    .description(description)
    .tags([TAG])
    .editable()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: 'now-24h', to: 'now' })
    .refresh('1m')
    .timezone('browser')
    .withVariable(
      new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    );
  for (const variable of variables) builder.withVariable(queryVariable(variable));
  for (const annotation of annotations()) builder.annotation(annotation);
  for (const other of BOARDS) {
    if (other === board) continue;
    builder.link(
      new dashboard.DashboardLinkBuilder(TITLES[other])
        .type(dashboard.DashboardLinkType.Link)
        .url(`/d/${boardUid(other)}`)
        .icon('dashboard')
        .keepTime(true)
        .includeVars(true),
    );
  }
  let y = 0;
  let id = 0;
  for (const line of lines) {
    let x = 0;
    const height = Math.max(...line.map((tile) => tile.height));
    for (const { width, builder: panel } of line) {
      id += 1;
      const place = { x, y, w: width, h: height };
      builder.withPanel({ build: () => ({ ...panel.build(), id, gridPos: place }) as dashboard.Panel });
      x += width;
    }
    if (x !== COLUMNS) throw new Error(`${title}: a line is ${x} columns wide, not ${COLUMNS}`);
    y += height;
  }
  return withoutForeignKeys(builder.build());
}

function queryVariable(variable: Variable) {
  const { label, title, from } = VARIABLES[variable];
  return (
    new dashboard.QueryVariableBuilder(variable)
      .label(title)
      .datasource(DATASOURCE)
      .query({ query: `label_values(${from}, ${label})`, refId: variable })
      .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
      .sort(dashboard.VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      // Also what has no such label at all.
      .allValue('.*')
      .current({ selected: true, text: 'All', value: '$__all' })
  );
}

/** Deployments as whoever deploys tells Grafana of them; price tables as the processor reports them. */
function annotations() {
  const prices = `max by (version) (${PROCESSOR_METRIC.PRICE_TABLE.name})`;
  return [
    new dashboard.AnnotationQueryBuilder()
      .name('Deployments')
      .datasource({ type: 'grafana', uid: '-- Grafana --' })
      .enable(true)
      .iconColor('blue')
      .target({
        build: () => ({ limit: 100, matchAny: false, tags: ['deployment'], type: 'tags' }) as never,
      }),
    new dashboard.AnnotationQueryBuilder()
      .name('Price changes')
      .datasource(DATASOURCE)
      .enable(true)
      .iconColor('purple')
      .expr(`${prices} unless ${prices} offset 10m`)
      .step('60s')
      .titleFormat('New prices')
      .textFormat('{{version}}')
      .target(new DataqueryBuilder().refId('prices').expr(`${prices} unless ${prices} offset 10m`).range()),
  ];
}

/** The SDK writes settings of interval variables on every variable, and a footer on tables: Grafana knows neither. */
function withoutForeignKeys(built: dashboard.Dashboard): object {
  const list = built.templating?.list?.map((variable) =>
    Object.fromEntries(Object.entries(variable).filter(([key]) => !/^auto(_|$)/.test(key))),
  );
  const panels = built.panels?.map((panel) => {
    if (!('options' in panel)) return panel;
    const { footer: _, ...options } = panel.options ?? {};
    return { ...panel, options };
  });
  return { ...built, panels, templating: { list } };
}
