import { boardUid, type PanelLink } from './rules/rule.js';

/** A dashboard as Grafana reads it from a file; of what it holds only this is read here. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly { readonly id: number; readonly title: string; readonly type: string }[];
}

/** Every dashboard, as the build wrote them; no config changes them, so nothing is left to do at run time. */
export const listDashboards = (): readonly Dashboard[] => require('./dashboards.gen.json');

/** Name of a dashboard's file. */
export const dashboardFile = ({ uid }: Dashboard): string => `${uid}.json`;

/** A dashboard's file. */
export const renderDashboard = (dashboard: Dashboard): string =>
  `${JSON.stringify(dashboard, undefined, 2)}\n`;

/** Throws when the panel is not there: an alert that leads nowhere is a defect of ours. */
export function findPanelId({ board, panel }: PanelLink): number {
  const found = listDashboards()
    .find(({ uid }) => uid === boardUid(board))
    ?.panels.find(({ title }) => title === panel);
  if (found === undefined) throw new Error(`no panel ${JSON.stringify(panel)} on ${boardUid(board)}`);
  return found.id;
}
