import {
  type RenderGrafanaOptions,
  RULE_KINDS,
  type RuleKind,
  renderGrafanaRules,
  renderKubernetesRules,
  renderRules,
} from '@costspan/monitoring';
import { CliError } from './verb.js';

/** For whom the rules are written. */
const RULE_FORMATS = ['prometheus', 'kubernetes', 'grafana'] as const;
type RuleFormat = (typeof RULE_FORMATS)[number];

const RENDERERS: Readonly<Record<RuleFormat, (options: RenderGrafanaOptions) => string>> = {
  prometheus: renderRules,
  kubernetes: renderKubernetesRules,
  grafana: renderGrafanaRules,
};

/** What decides how the rules are written, beside the budgets: options of every verb that writes or checks them. */
export const RULE_OPTIONS = {
  format: { type: 'string', default: 'prometheus' },
  only: { type: 'string' },
  'grafana-url': { type: 'string' },
  'runbook-url': { type: 'string' },
  'datasource-uid': { type: 'string' },
} as const;

/** The part of a help text that is about {@link RULE_OPTIONS}. */
export const RULE_OPTIONS_HELP = `\
  --format FORMAT       prometheus (default): a rule file; kubernetes: a PrometheusRule;
                        grafana: Grafana-managed alerts, for its provisioning/alerting
  --only KIND           recording, or alerts: half of it, where the alerts are elsewhere
  --grafana-url URL     base of the links to dashboards; without it they are paths: /d/costspan-budgets
  --runbook-url URL     base of the links to runbooks; without it docs/runbooks
  --datasource-uid UID  of the Prometheus in Grafana, for --format grafana; default prometheus
`;

type RuleOptionValues = Readonly<Partial<Record<keyof typeof RULE_OPTIONS, string | undefined>>>;

/** The rules for some budgets, as the options say. Throws {@link CliError} for an option that makes no sense. */
export function renderRulesAs(
  values: RuleOptionValues,
  budgets: NonNullable<RenderGrafanaOptions['budgets']>,
): string {
  const format = readWord<RuleFormat>('--format', values.format ?? 'prometheus', RULE_FORMATS);
  const only = values.only === undefined ? undefined : readWord<RuleKind>('--only', values.only, RULE_KINDS);
  if (format === 'grafana' && only === 'recording') {
    throw new CliError('Grafana-managed alerts have no recording rules', {
      fix: 'costspan rules --only recording, and load it in Prometheus',
    });
  }
  const [grafanaUrl, runbookUrl] = [values['grafana-url'], values['runbook-url']];
  const datasourceUid = values['datasource-uid'];
  return RENDERERS[format]({
    budgets,
    ...(only !== undefined && { only }),
    ...(grafanaUrl !== undefined && { grafanaUrl }),
    ...(runbookUrl !== undefined && { runbookUrl }),
    ...(datasourceUid !== undefined && { datasourceUid }),
  });
}

function readWord<Word extends string>(option: string, value: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw new CliError(`${option} ${JSON.stringify(value)} is not known`, {
    fix: `${option} takes ${words.join(' or ')}`,
  });
}
