/** Runs `promtool test rules` on our own rule file; the test file is written here so that a case is a few lines. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { requirePart } from '../../../test/real-parts.ts';
import { renderGroups } from '../src/render/prometheus.ts';
import { type AlertRule, boardUid, type RuleGroup, runbookName } from '../src/rules/rule.ts';
import { renderForPrometheus } from '../src/rules/summary.ts';

export const promtool = requirePart('promtool');

/** Series in promtool's notation: `'0+1x60'` is 0, 1, … 60. */
export type InputSeries = Readonly<Record<string, string>>;

export interface ExpectedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** One simulated stretch of time. */
export interface RuleCase {
  readonly series: InputSeries;
  /** Step of the series. */
  readonly interval: string;
  /** Step of the rules; `1m` as in the rule file, where a case of many days does not need longer. */
  readonly evaluateEvery?: string;
  readonly at: string;
  /** Evaluates the rules that the case does not read too: a rule that ends in an error fails it. */
  readonly isWhole?: boolean;
  /** Name of an alert → the alerts that fire, none for silence. */
  readonly alerts?: Readonly<Record<string, readonly ExpectedAlert[]>>;
  /** Expression → its samples, `{labels} → value`. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Runs a case on the rules of some groups that it reads. Throws with promtool's own words. */
export function runRuleCase(all: readonly RuleGroup[], ruleCase: RuleCase): void {
  const groups = ruleCase.isWhole === true ? all : selectRead(all, ruleCase);
  const folder = mkdtempSync(join(tmpdir(), 'costspan-rules-'));
  try {
    writeFileSync(join(folder, 'rules.yml'), renderGroups(groups));
    writeFileSync(join(folder, 'test.yml'), stringify(toPromtool(groups, ruleCase)));
    runPromtool(['test', 'rules', 'test.yml'], folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The rules that a case asks for and those whose series they read, on and on. The others cannot change its outcome,
 * but promtool would evaluate them at every step of a month.
 */
function selectRead(groups: readonly RuleGroup[], { alerts = {}, values = {} }: RuleCase): RuleGroup[] {
  const rules = groups.flatMap((group) => group.rules);
  const read = new Set<RuleGroup['rules'][number]>();
  const texts = Object.keys(values);
  const add = (rule: RuleGroup['rules'][number]) => {
    if (read.has(rule)) return;
    read.add(rule);
    texts.push(rule.expr, 'alert' in rule ? renderForPrometheus(rule.summary) : '');
  };
  for (const rule of rules) if ('alert' in rule && rule.alert in alerts) add(rule);
  for (const text of texts) {
    for (const rule of rules) if ('record' in rule && text.includes(rule.record)) add(rule);
  }
  return groups.map((group) => ({ ...group, rules: group.rules.filter((rule) => read.has(rule)) }));
}

/** No alert of these names. */
export const SILENT = (...names: string[]) => Object.fromEntries(names.map((name) => [name, []]));

/** Where an alert's page has to be. */
export const runbookOf = (alert: string) => `docs/runbooks/${runbookName(alert)}.md`;

/** The alert's dashboard, with the alert's labels in its variables. */
function dashboardOf(
  groups: readonly RuleGroup[],
  name: string,
  labels: Readonly<Record<string, string>>,
): string {
  const rules = groups.flatMap((group) => group.rules);
  const { link } = rules.find((rule): rule is AlertRule => 'alert' in rule && rule.alert === name)!;
  const variables = Object.entries(link.variables).map(
    ([key, from]) => `var-${key}=${encodeURIComponent(labels[from] ?? '').replaceAll('%20', '+')}`,
  );
  const query = variables.join('&');
  return `/d/${boardUid(link.board)}${query === '' ? '' : `?${query}`}`;
}

/** Throws with the output when promtool fails. */
export function runPromtool(args: readonly string[], cwd: string): void {
  if (promtool.path === undefined) throw new Error(promtool.skipReason);
  const { status, stdout, stderr } = spawnSync(promtool.path, args, {
    cwd,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
}

function toPromtool(groups: readonly RuleGroup[], ruleCase: RuleCase): unknown {
  const { series, interval, evaluateEvery = '1m', at, alerts = {}, values = {} } = ruleCase;
  return {
    rule_files: ['rules.yml'],
    evaluation_interval: evaluateEvery,
    // Without it promtool evaluates the groups in any order, and alerts may see the step before.
    group_eval_order: groups.map(({ name }) => name),
    tests: [
      {
        interval,
        input_series: Object.entries(series).map(([name, samples]) => ({ series: name, values: samples })),
        alert_rule_test: Object.entries(alerts).map(([alertname, expected]) => ({
          eval_time: at,
          alertname,
          exp_alerts: expected.map(({ labels, summary }) => ({
            exp_labels: labels,
            exp_annotations: {
              summary,
              dashboard_url: dashboardOf(groups, alertname, labels),
              runbook_url: runbookOf(alertname),
            },
          })),
        })),
        promql_expr_test: Object.entries(values).map(([expr, samples]) => ({
          expr,
          eval_time: at,
          exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
        })),
      },
    ],
  };
}
