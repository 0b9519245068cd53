/** Runs `promtool test rules` on our own rule file; the test file is written here so that a case is a few lines. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { requirePart } from '../../../test/real-parts.ts';
import { listRuleGroups } from '../src/render.ts';

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
  /** Name of an alert → the alerts that fire, none for silence. */
  readonly alerts?: Readonly<Record<string, readonly ExpectedAlert[]>>;
  /** Expression → its samples, `{labels} → value`. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Throws with promtool's own words when an expectation does not hold. */
export function runRuleCase(rules: string, ruleCase: RuleCase, runbookOf: (alert: string) => string): void {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-rules-'));
  try {
    writeFileSync(join(folder, 'rules.yml'), rules);
    writeFileSync(join(folder, 'test.yml'), stringify(toPromtool(ruleCase, runbookOf)));
    runPromtool(['test', 'rules', 'test.yml'], folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Throws with the output when promtool fails. */
export function runPromtool(args: readonly string[], cwd: string): void {
  if (promtool.path === undefined) throw new Error(promtool.skipReason);
  const { status, stdout, stderr } = spawnSync(promtool.path, args, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
}

function toPromtool(ruleCase: RuleCase, runbookOf: (alert: string) => string): unknown {
  const { series, interval, evaluateEvery = '1m', at, alerts = {}, values = {} } = ruleCase;
  return {
    rule_files: ['rules.yml'],
    evaluation_interval: evaluateEvery,
    // Without it promtool evaluates the groups in any order, and alerts may see the step before.
    group_eval_order: listRuleGroups().map(({ name }) => name),
    tests: [
      {
        interval,
        input_series: Object.entries(series).map(([name, samples]) => ({ series: name, values: samples })),
        alert_rule_test: Object.entries(alerts).map(([alertname, expected]) => ({
          eval_time: at,
          alertname,
          exp_alerts: expected.map(({ labels, summary }) => ({
            exp_labels: labels,
            exp_annotations: { summary, runbook: runbookOf(alertname) },
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
