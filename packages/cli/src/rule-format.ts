import {
  type RenderGrafanaOptions,
  RULE_KINDS,
  renderGrafanaRules,
  renderKubernetesRules,
  renderRules,
} from '@costspan/monitoring';
import { CliError, readWord } from './verb.js';

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

/** The command that writes a rule file, with the options that decide what is in it. */
export function renderRulesCommand(values: RuleOptionValues, file: string, config?: string): string {
  const named = { config, ...values, format: values.format === 'prometheus' ? undefined : values.format };
  const words = ['config', ...Object.keys(RULE_OPTIONS)].flatMap((option) => {
    const value = named[option as keyof typeof named];
    return value === undefined ? [] : [`--${option} ${value}`];
  });
  return ['costspan rules', ...words, `--out ${file}`].join(' ');
}

/** The rules for some budgets, as the options say. Throws {@link CliError} for an option that makes no sense. */
export function renderRulesAs(
  values: RuleOptionValues,
  budgets: NonNullable<RenderGrafanaOptions['budgets']>,
): string {
  const format = readWord('--format', values.format ?? 'prometheus', RULE_FORMATS);
  const only = values.only === undefined ? undefined : readWord('--only', values.only, RULE_KINDS);
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
