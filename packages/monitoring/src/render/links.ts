import { type AlertRule, boardUid, runbookName } from '../rules/rule.js';

/** Where the links of alerts lead. */
export interface LinkOptions {
  /** Base of the dashboards, `https://grafana.example`. Without it the link is a path on whatever serves Grafana. */
  readonly grafanaUrl?: string;
  /** Base of the runbooks. Without it they are named by their path in the repository of costspan. */
  readonly runbookUrl?: string;
}

const RUNBOOK_FOLDER = 'docs/runbooks';
const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

export const readRunbookUrl = ({ alert }: AlertRule, { runbookUrl = RUNBOOK_FOLDER }: LinkOptions): string =>
  `${withoutSlash(runbookUrl)}/${runbookName(alert)}.md`;

/** A template: the labels of the alert become variables of the dashboard, so that it opens on what the alert is about. */
export function readDashboardUrl({ link }: AlertRule, { grafanaUrl = '' }: LinkOptions): string {
  const query = Object.entries(link.variables)
    .map(([variable, label]) => `var-${variable}={{ $labels.${label} | urlquery }}`)
    .join('&');
  return `${withoutSlash(grafanaUrl)}/d/${boardUid(link.board)}${query === '' ? '' : `?${query}`}`;
}
