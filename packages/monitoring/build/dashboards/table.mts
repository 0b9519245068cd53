/** Tables: one query for each column, joined by the labels that name the row. */
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as table from '@grafana/grafana-foundation-sdk/table';
import { describe, type PanelText, type Tile, tableTarget, thresholdsOf, UNIT, type Unit } from './panel.mts';

/** A column that is a label. */
export interface LabelColumn {
  readonly label: string;
  readonly title: string;
  readonly link?: { readonly title: string; readonly url: string };
  readonly width?: number;
}
/** A column that is a number. */
export interface ValueColumn {
  readonly title: string;
  readonly expr: string;
  readonly unit: Unit;
  readonly decimals?: number;
  readonly thresholds?: NonNullable<PanelText['thresholds']>;
  readonly base?: NonNullable<PanelText['base']>;
  /** A bar behind the number, up to the largest of the column. */
  readonly isBar?: boolean;
}

interface TableOptions extends Omit<PanelText, 'unit' | 'thresholds' | 'base' | 'decimals'> {
  readonly rows: readonly LabelColumn[];
  readonly columns: readonly ValueColumn[];
  /** Title of the column that orders the rows, the largest first. */
  readonly sortBy: string;
}

/** Every query must have the same labels: those of the rows. */
export function tableTile({ rows, columns, sortBy, ...options }: TableOptions): Tile {
  const panel = describe(new table.PanelBuilder(), { ...options, unit: UNIT.times })
    .cellHeight(common.TableCellHeight.Sm)
    .showHeader(true)
    .minWidth(80)
    .filterable(false)
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(sortBy).desc(true)]);
  for (const [index, { expr }] of columns.entries()) panel.withTarget(tableTarget(expr, index));
  // Grafana calls the value of query A "Value #A" once there are several.
  const valueField = (index: number): string =>
    columns.length === 1 ? 'Value' : `Value #${String.fromCharCode(65 + index)}`;
  const order = [...rows.map(({ label }) => label), ...columns.map((_, index) => valueField(index))];
  panel.withTransformation({ id: 'merge', options: {} }).withTransformation({
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
      renameByName: Object.fromEntries([
        ...rows.map(({ label, title }) => [label, title]),
        ...columns.map(({ title }, index) => [valueField(index), title]),
      ]),
    },
  });
  for (const row of rows) overrideRow(panel, row);
  for (const column of columns) overrideColumn(panel, column);
  return { width: options.width, height: options.height ?? 9, builder: panel };
}

function overrideRow(panel: table.PanelBuilder, { title, link, width }: LabelColumn): void {
  const properties = [
    ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
    ...(link === undefined ? [] : [{ id: 'links', value: [link] }]),
  ];
  if (properties.length > 0) panel.overrideByName(title, properties);
}

function overrideColumn(panel: table.PanelBuilder, column: ValueColumn): void {
  const { title, unit, decimals, thresholds, base, isBar } = column;
  panel.overrideByName(title, [
    { id: 'unit', value: unit },
    { id: 'custom.align', value: 'right' },
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(thresholds === undefined
      ? []
      : [
          {
            id: 'thresholds',
            value: thresholdsOf({ thresholds, ...(base !== undefined && { base }) }).build(),
          },
          { id: 'custom.cellOptions', value: { type: 'color-text' } },
        ]),
    ...(isBar === true
      ? [
          { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } },
          { id: 'color', value: { mode: 'fixed', fixedColor: 'blue' } },
          { id: 'min', value: 0 },
          // Its own largest value, not that of the other columns.
          { id: 'fieldMinMax', value: true },
        ]
      : []),
  ]);
}
