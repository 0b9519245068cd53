/** One component for each panel type, all of them Grafana's own but for the slices of the pie. */
import {
  applyNullInsertThreshold,
  type DataFrame,
  type FieldDisplay,
  type GrafanaTheme2,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  renderMarkdown,
  type TimeRange,
} from '@grafana/data';
import {
  BarGauge,
  BigValue,
  LegendDisplayMode,
  RenderUserContentAsHTML,
  TimeSeries,
  TooltipDisplayMode,
  VizLayout,
  VizLegend,
  VizRepeater,
} from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import type { Panel } from './model';
import { PieSlices } from './pie';

export interface VisualProps {
  panel: Panel;
  frames: DataFrame[];
  width: number;
  height: number;
  theme: GrafanaTheme2;
  timeRange: TimeRange;
}

export const VISUALS: Record<string, (props: VisualProps) => React.ReactNode> = {
  stat: Stat,
  timeseries: Lines,
  table: Table,
  bargauge: Bars,
  piechart: Pie,
  text: Text,
};

function readValues({ panel, frames, theme }: VisualProps, hasSparkline: boolean): FieldDisplay[] {
  return getFieldDisplayValues({
    data: frames,
    reduceOptions: { values: false, ...(panel.options.reduceOptions as { calcs: string[] }) },
    fieldConfig: panel.fieldConfig,
    replaceVariables: (text: string) => text,
    sparkline: hasSparkline,
    theme,
    timeZone: 'utc',
  });
}

function Stat(props: VisualProps) {
  const { panel, theme, width, height, timeRange } = props;
  const options = panel.options as {
    colorMode: never;
    graphMode: string;
    textMode: never;
    justifyMode: never;
  };
  return (
    <VizRepeater
      orientation={'auto' as never}
      width={width}
      height={height}
      source={props}
      autoGrid
      renderCounter={0}
      getValues={() => readValues(props, options.graphMode !== 'none')}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, width: w, height: h, count }) => {
        if (value.sparkline) value.sparkline.timeRange = timeRange;
        return (
          <BigValue
            value={value.display}
            text={panel.options.text as never}
            count={count}
            sparkline={value.sparkline}
            colorMode={options.colorMode}
            graphMode={options.graphMode as never}
            justifyMode={options.justifyMode}
            textMode={options.textMode}
            alignmentFactors={alignmentFactors}
            width={w}
            height={h}
            theme={theme}
          />
        );
      }}
    />
  );
}

function Bars(props: VisualProps) {
  const { panel, theme, width, height } = props;
  const options = panel.options as {
    displayMode: never;
    valueMode: never;
    namePlacement: never;
    showUnfilled: boolean;
    maxVizHeight: number;
  };
  return (
    <VizRepeater
      orientation={'horizontal' as never}
      width={width}
      height={height}
      source={props}
      itemSpacing={10}
      minVizHeight={16}
      maxVizHeight={options.maxVizHeight}
      renderCounter={0}
      getValues={() => readValues(props, false)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, width: w, height: h }) => (
        <BarGauge
          value={value.display}
          width={w}
          height={h}
          orientation={'horizontal' as never}
          field={value.field}
          text={panel.options.text as never}
          display={value.view?.getFieldDisplayProcessor(value.colIndex!)}
          theme={theme}
          itemSpacing={8}
          lcdCellWidth={12}
          displayMode={options.displayMode}
          alignmentFactors={alignmentFactors}
          showUnfilled={options.showUnfilled}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
        />
      )}
    />
  );
}

function Lines({ panel, frames, width, height, timeRange }: VisualProps) {
  const legend = panel.options.legend as never;
  const [pseudoMin, pseudoMax] = [timeRange.from.valueOf(), timeRange.to.valueOf()];
  // TimeSeries itself opens gaps in the first frame alone; the others would be bridged by a straight line.
  const gapped = frames.map((frame) =>
    applyNullInsertThreshold({ frame, refFieldPseudoMin: pseudoMin, refFieldPseudoMax: pseudoMax }),
  );
  return (
    <TimeSeries
      frames={gapped}
      structureRev={1}
      width={width}
      height={height}
      timeRange={timeRange}
      timeZone="utc"
      legend={legend}
      options={{ tooltip: { mode: TooltipDisplayMode.None } }}
    />
  );
}

function Table({ panel, frames, width, height }: VisualProps) {
  return (
    <TableNG
      data={frames[0]!}
      width={width}
      height={height}
      cellHeight={panel.options.cellHeight as never}
      sortBy={panel.options.sortBy as never}
      getActions={() => []}
      enableVirtualization={false}
      structureRev={1}
    />
  );
}

function Pie(props: VisualProps) {
  const { width, height } = props;
  const values = readValues(props, false).toSorted(
    (one, other) => other.display.numeric - one.display.numeric,
  );
  const total = values.reduce((sum, { display }) => sum + display.numeric, 0);
  const items = values.map(({ display }) => ({
    label: display.title ?? '',
    color: display.color ?? '',
    yAxis: 0,
    getDisplayValues: () => [
      {
        ...display,
        title: 'Value',
        text: `${display.prefix ?? ''}${display.text}${display.suffix ?? ''}`,
        prefix: '',
        suffix: '',
      },
      {
        numeric: display.numeric / total,
        text: `${Math.round((100 * display.numeric) / total)} %`,
        title: 'Percent',
      },
    ],
  }));
  const legend = (
    <VizLegend
      items={items}
      placement={'right' as never}
      displayMode={LegendDisplayMode.Table}
      seriesVisibilityChangeBehavior={'isolate' as never}
    />
  );
  return (
    <VizLayout
      width={width}
      height={height}
      legend={
        <VizLayout.Legend placement={'right' as never} width={width * 0.58}>
          {legend}
        </VizLayout.Legend>
      }
    >
      {(w: number, h: number) => <PieSlices values={values} total={total} width={w} height={h} />}
    </VizLayout>
  );
}

function Text({ panel, theme }: VisualProps) {
  const style = { color: theme.colors.text.primary, lineHeight: 1.5 };
  return (
    <div style={style}>
      <RenderUserContentAsHTML
        className="markdown-html"
        content={renderMarkdown(panel.options.content as string)}
      />
    </div>
  );
}
