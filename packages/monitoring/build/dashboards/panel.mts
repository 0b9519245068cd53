/** Panels as the dashboards want them: one function for each type, with a title, a description and a unit always. */
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as piechart from '@grafana/grafana-foundation-sdk/piechart';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as text from '@grafana/grafana-foundation-sdk/text';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

export const DATASOURCE = { type: 'prometheus', uid: '$datasource' };
/** Said where a query has no series: what to look at, not only that nothing is there. */
const NO_VALUE = 'no data: is it scraped, does the filter fit?';

export const UNIT = {
  usd: 'currencyUSD',
  share: 'percentunit',
  /** Whole, with separators. */
  count: 'locale',
  seconds: 's',
  perSecond: 'cps',
  bytes: 'bytes',
  times: 'none',
} as const;
export type Unit = (typeof UNIT)[keyof typeof UNIT];

/** A panel with its place in a line of 24 columns. */
export interface Tile {
  readonly width: number;
  readonly height: number;
  readonly builder: Builder<dashboard.Panel>;
}

/** One query of a panel. */
export interface Target {
  readonly expr: string;
  /** What a series is called; labels in double braces. */
  readonly legend: string;
  /** One value now, and not a line. */
  readonly isInstant?: boolean;
  /** Shows the dearest or slowest calls as points that open their trace. */
  readonly hasExemplars?: boolean;
}

export interface PanelText {
  readonly title: string;
  /** Says what the number is and when to worry. */
  readonly description: string;
  readonly unit: Unit;
  readonly width: number;
  readonly height?: number;
  readonly decimals?: number;
  /** Value from which on → its colour; below the first it is neutral. */
  readonly thresholds?: readonly (readonly [from: number, color: Color])[];
  /** Colour below the first threshold; neutral where nothing is good or bad about it. */
  readonly base?: Color | 'text';
  /** Where a click leads. */
  readonly link?: { readonly title: string; readonly url: string };
}
export type Color = 'green' | 'yellow' | 'orange' | 'red';

const STAT_HEIGHT = 4;
const GRAPH_HEIGHT = 9;

/** Grafana's own letters for queries. */
const refIdOf = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

export function target({ expr, legend, isInstant, hasExemplars }: Target, index: number): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .refId(refIdOf(index))
    .datasource(DATASOURCE)
    .expr(expr)
    .legendFormat(legend);
  if (hasExemplars === true) query.exemplar(true);
  return isInstant === true ? query.instant() : query.range();
}

export const tableTarget = (expr: string, index: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .refId(refIdOf(index))
    .datasource(DATASOURCE)
    .expr(expr)
    .format(PromQueryFormat.Table)
    .instant();

export function thresholdsOf({ thresholds = [], base = 'text' }: Pick<PanelText, 'thresholds' | 'base'>) {
  // Grafana's first step begins at no value at all, which JSON writes as null.
  const steps = [{ value: null, color: base }, ...thresholds.map(([value, color]) => ({ value, color }))];
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
}

/** What every panel of numbers has. */
interface Describable {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: common.DataSourceRef): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  noValue(noValue: string): this;
  thresholds(thresholds: Builder<dashboard.ThresholdsConfig>): this;
  dataLinks(links: Builder<dashboard.DashboardLink>[]): this;
}

export function describe<Panel extends Describable>(panel: Panel, options: PanelText): Panel {
  panel
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .unit(options.unit)
    .noValue(NO_VALUE)
    .thresholds(thresholdsOf(options));
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.link !== undefined) {
    panel.dataLinks([new dashboard.DashboardLinkBuilder(options.link.title).url(options.link.url)]);
  }
  return panel;
}

const last = (calc: string) => new common.ReduceDataOptionsBuilder().calcs([calc]).values(false);

/** One number, or a few. */
export function statTile(options: PanelText & { readonly targets: readonly Target[] }): Tile {
  const isLine = options.targets.every(({ isInstant }) => isInstant !== true);
  const panel = describe(new stat.PanelBuilder(), options)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(isLine ? common.BigValueGraphMode.Area : common.BigValueGraphMode.None)
    .textMode(
      options.targets.length > 1 ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value,
    )
    .justifyMode(common.BigValueJustifyMode.Auto)
    .orientation(common.VizOrientation.Auto)
    .reduceOptions(last('lastNotNull'));
  if (options.targets.length > 1) {
    panel.text(new common.VizTextDisplayOptionsBuilder().titleSize(14).valueSize(40));
  }
  for (const [index, query] of options.targets.entries()) panel.withTarget(target(query, index));
  return { width: options.width, height: options.height ?? STAT_HEIGHT, builder: panel };
}

export interface GraphOptions extends PanelText {
  readonly targets: readonly Target[];
  /** Parts of a whole, one on top of the other. */
  readonly isStacked?: boolean;
  /** Thresholds as lines across the picture; they are those of the alerts. */
  readonly hasThresholdLines?: boolean;
  readonly max?: number;
  /** The axis goes up to here at least: a line at 0 needs no axis up to 100. */
  readonly softMax?: number;
  /** For what differs by powers of ten. */
  readonly isLogarithmic?: boolean;
  /** Series that only stand for comparison, by the name of their query: dashed. */
  readonly dashed?: readonly string[];
  /** The dashed ones without a colour of their own: there is one of them. */
  readonly isDashedGrey?: boolean;
}

/** Lines over time. */
export function graphTile(options: GraphOptions): Tile {
  const isWide = options.width >= 16;
  const panel = describe(new timeseries.PanelBuilder(), options)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic))
    .lineWidth(options.isStacked === true ? 1 : 2)
    .fillOpacity(options.isStacked === true ? 40 : 0)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(isWide ? common.LegendDisplayMode.Table : common.LegendDisplayMode.List)
        .placement(isWide ? common.LegendPlacement.Right : common.LegendPlacement.Bottom)
        .calcs(isWide ? ['lastNotNull', 'max'] : []),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
  if (options.isLogarithmic === true) {
    panel.scaleDistribution(
      new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Log).log(10),
    );
  } else {
    panel.min(0);
  }
  if (options.max !== undefined) panel.max(options.max);
  if (options.softMax !== undefined) panel.axisSoftMax(options.softMax);
  if (options.isStacked === true) {
    panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  }
  if (options.hasThresholdLines === true) {
    panel.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  }
  for (const refId of options.dashed ?? []) {
    panel.overrideByQuery(refId, [
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
      { id: 'custom.lineWidth', value: 1 },
      ...(options.isDashedGrey === true
        ? [{ id: 'color', value: { mode: 'fixed', fixedColor: 'text' } }]
        : []),
    ]);
  }
  for (const [index, query] of options.targets.entries()) panel.withTarget(target(query, index));
  return { width: options.width, height: options.height ?? GRAPH_HEIGHT, builder: panel };
}

/** One bar for each series, the values beside. */
export function barTile(
  options: PanelText & { readonly targets: readonly Target[]; readonly max?: number },
): Tile {
  const panel = describe(new bargauge.PanelBuilder(), options)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .valueMode(common.BarGaugeValueMode.Text)
    .namePlacement(common.BarGaugeNamePlacement.Left)
    .text(new common.VizTextDisplayOptionsBuilder().titleSize(13).valueSize(16))
    .maxVizHeight(34)
    .orientation(common.VizOrientation.Horizontal)
    .showUnfilled(true)
    .min(0)
    .reduceOptions(last('lastNotNull'));
  // Without thresholds a bar says how much, not how bad.
  if (options.thresholds === undefined) {
    panel.colorScheme(
      new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Fixed).fixedColor('blue'),
    );
  }
  if (options.max !== undefined) panel.max(options.max);
  for (const [index, query] of options.targets.entries())
    panel.withTarget(target({ ...query, isInstant: true }, index));
  return { width: options.width, height: options.height ?? GRAPH_HEIGHT, builder: panel };
}

/** Parts of a whole at one time. */
export function pieTile(options: PanelText & { readonly targets: readonly Target[] }): Tile {
  const panel = describe(new piechart.PanelBuilder(), options)
    .pieType(piechart.PieChartType.Donut)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic))
    .displayLabels([])
    .legend(
      new piechart.PieChartLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Right)
        .values([piechart.PieChartLegendValues.Value, piechart.PieChartLegendValues.Percent]),
    )
    .reduceOptions(last('lastNotNull'));
  for (const [index, query] of options.targets.entries())
    panel.withTarget(target({ ...query, isInstant: true }, index));
  return { width: options.width, height: options.height ?? GRAPH_HEIGHT, builder: panel };
}

/** Words, where numbers need them. */
export const textTile = (options: {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly markdown: string;
}): Tile => ({
  width: options.width,
  height: options.height,
  builder: new text.PanelBuilder()
    .title(options.title)
    .description(options.description)
    .mode(text.TextMode.Markdown)
    .content(options.markdown),
});
