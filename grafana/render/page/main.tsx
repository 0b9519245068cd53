/** Draws one dashboard; the runner waits for `window.drawn` and reads what went wrong from it. */
import 'uplot/dist/uPlot.min.css';
import {
  createTheme,
  type DataFrame,
  dateTime,
  EventBusSrv,
  type GrafanaTheme2,
  LoadingState,
  ThemeContext,
  type TimeRange,
} from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { GlobalStyles, PanelChrome, PanelContextProvider, PortalContainer } from '@grafana/ui';
import { Component, type ReactNode, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { readPanelData, withDefaults } from './data';
import { type Dashboard, type Panel, problems, type Scene } from './model';
import { fillTransformers } from './registry';
import { VISUALS } from './visual';

declare global {
  interface Window {
    drawn?: { problems: string[] };
  }
}

const COLUMNS = 24;
const ROW_PX = 30;
const GAP_PX = 8;

/** A panel that throws is a problem of the picture, not the end of it. */
class Guard extends Component<{ title: string; children: ReactNode }> {
  override state = { isBroken: false };
  static getDerivedStateFromError = () => ({ isBroken: true });
  override componentDidCatch(error: Error) {
    problems.push(`${this.props.title}: ${error.message}`);
  }
  override render() {
    return this.state.isBroken ? null : this.props.children;
  }
}

interface BoardProps {
  dashboard: Dashboard;
  data: Map<number, DataFrame[]>;
  theme: GrafanaTheme2;
  timeRange: TimeRange;
  width: number;
}

function Board({ dashboard, data, theme, timeRange, width }: BoardProps) {
  useEffect(() => {
    // Canvases are drawn in the frames after the first paint.
    setTimeout(() => {
      window.drawn = { problems };
    }, 1_500);
  }, []);
  const column = (width - GAP_PX) / COLUMNS;
  const bottom = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h));
  const filters = dashboard.templating.list.map(({ label, name }) => `${label ?? name}: All`).join('   ');
  const head = { color: theme.colors.text.primary, padding: '10px 8px 4px', fontSize: 18 };
  return (
    <div
      style={{
        width,
        height: 46 + bottom * (ROW_PX + GAP_PX),
        background: theme.colors.background.canvas,
        position: 'relative',
      }}
    >
      <div style={head}>
        {dashboard.title}
        <span style={{ color: theme.colors.text.secondary, fontSize: 12, marginLeft: 24, whiteSpace: 'pre' }}>
          {filters}
        </span>
      </div>
      {dashboard.panels.map((panel) => (
        <Place key={panel.id} panel={panel} column={column}>
          {(w, h) => (
            <Frame
              panel={panel}
              frames={data.get(panel.id) ?? []}
              theme={theme}
              timeRange={timeRange}
              width={w}
              height={h}
            />
          )}
        </Place>
      ))}
    </div>
  );
}

function Place({
  panel,
  column,
  children,
}: {
  panel: Panel;
  column: number;
  children: (w: number, h: number) => ReactNode;
}) {
  const { x, y, w, h } = panel.gridPos;
  const style = { position: 'absolute' as const, left: GAP_PX + x * column, top: 46 + y * (ROW_PX + GAP_PX) };
  return <div style={style}>{children(w * column - GAP_PX, h * (ROW_PX + GAP_PX) - GAP_PX)}</div>;
}

interface FrameProps {
  panel: Panel;
  frames: DataFrame[];
  theme: GrafanaTheme2;
  timeRange: TimeRange;
  width: number;
  height: number;
}

function Frame({ panel, frames, theme, timeRange, width, height }: FrameProps) {
  const Visual = VISUALS[panel.type];
  if (Visual === undefined) {
    problems.push(`${panel.title}: nothing draws ${panel.type}`);
    return null;
  }
  return (
    <PanelChrome
      title={panel.title}
      description={panel.description}
      width={width}
      height={height}
      loadingState={LoadingState.Done}
    >
      {(innerWidth, innerHeight) => (
        <Guard title={panel.title}>
          <Visual
            panel={panel}
            frames={frames}
            theme={theme}
            timeRange={timeRange}
            width={innerWidth}
            height={innerHeight}
          />
        </Guard>
      )}
    </PanelChrome>
  );
}

async function draw(): Promise<void> {
  const scene = JSON.parse(new URLSearchParams(location.search).get('scene')!) as Scene;
  await initPluginTranslations('grafana', []);
  fillTransformers();
  const theme = createTheme({ colors: { mode: scene.theme } });
  const dashboard = (await (await fetch(`/dashboards/${scene.dashboard}`)).json()) as Dashboard;
  const panels = dashboard.panels.map(withDefaults);
  const data = new Map(
    await Promise.all(
      panels.map(async (panel) => {
        const frames = panel.type === 'text' ? [] : await readPanelData(panel, scene, theme);
        return [panel.id, frames] as const;
      }),
    ),
  );
  const [from, to] = [dateTime(scene.fromMs), dateTime(scene.toMs)];
  const timeRange = { from, to, raw: { from, to } };
  const root = createRoot(document.getElementById('root')!);
  const context = { eventsScope: 'render', eventBus: new EventBusSrv() };
  const shell = (content: ReactNode) => (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <PortalContainer />
      <PanelContextProvider value={context as never}>{content}</PanelContextProvider>
    </ThemeContext.Provider>
  );
  root.render(shell(null));
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Axes are measured with the font: it has to be there before they are.
  await Promise.all(['400 12px Inter', '500 14px Inter'].map((font) => document.fonts.load(font)));
  root.render(
    shell(
      <Board
        dashboard={{ ...dashboard, panels }}
        data={data}
        theme={theme}
        timeRange={timeRange}
        width={window.innerWidth}
      />,
    ),
  );
}

draw().catch((error: Error) => {
  problems.push(String(error.stack ?? error));
  window.drawn = { problems };
});
