/** What Grafana does between the answer of a data source and its picture. */
import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  type DataFrame,
  FieldColorModeId,
  type GrafanaTheme2,
  ThresholdsMode,
  transformDataFrame,
} from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import type { Panel, Scene } from './model';
import { readFrames } from './query';
import { fieldConfigRegistry } from './registry';

/** What the plugin of a panel type sets where the dashboard does not. */
function pluginDefaults(type: string) {
  const isPalette = type === 'timeseries' || type === 'piechart';
  return {
    color: { mode: isPalette ? FieldColorModeId.PaletteClassic : FieldColorModeId.Thresholds },
    thresholds: {
      mode: ThresholdsMode.Absolute,
      steps: [
        { value: -Infinity, color: 'green' },
        { value: 80, color: 'red' },
      ],
    },
    custom:
      type === 'timeseries'
        ? {
            drawStyle: 'line',
            lineInterpolation: 'linear',
            lineWidth: 1,
            fillOpacity: 0,
            showPoints: 'auto',
            axisPlacement: 'auto',
            pointSize: 5,
          }
        : {},
  };
}

const fromJson = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('steps' in value)) return value;
  const { steps } = value as { steps: { value: number | null }[] };
  return { ...value, steps: steps.map((step) => ({ ...step, value: step.value ?? -Infinity })) };
};

/** The panel with the defaults of its plugin, and thresholds that begin at minus infinity, which JSON cannot say. */
export function withDefaults(panel: Panel): Panel {
  const defaults = pluginDefaults(panel.type);
  const own = panel.fieldConfig?.defaults ?? {};
  const overrides = (panel.fieldConfig?.overrides ?? []).map((override) => ({
    ...override,
    properties: override.properties.map((property) => ({ ...property, value: fromJson(property.value) })),
  }));
  const merged = { ...defaults, ...own, custom: { ...defaults.custom, ...own.custom } };
  return {
    ...panel,
    fieldConfig: { defaults: { ...merged, thresholds: fromJson(merged.thresholds) as never }, overrides },
  };
}

/** Queries a panel and returns its frames, ready to draw. */
export async function readPanelData(panel: Panel, scene: Scene, theme: GrafanaTheme2): Promise<DataFrame[]> {
  const raw = await readFrames(panel, scene);
  const transformed = await lastValueFrom(
    transformDataFrame(panel.transformations ?? [], raw, { interpolate: (text: string) => text }),
  );
  const frames = applyFieldOverrides({
    data: transformed,
    fieldConfig: panel.fieldConfig,
    fieldConfigRegistry: fieldConfigRegistry(panel),
    replaceVariables: (text: string) => text,
    theme,
    timeZone: 'utc',
  });
  cacheFieldDisplayNames(frames);
  return frames;
}
