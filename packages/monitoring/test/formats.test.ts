/** The same rules for the Prometheus Operator and for Grafana. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findPanelId,
  listRuleGroups,
  renderGrafanaRules,
  renderKubernetesRules,
  renderRules,
} from '@costspan/monitoring';
import { METRIC, PROCESSOR_METRIC } from '@costspan/semconv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const options = {
  budgets: [
    { name: 'support', match: {}, limitPicoUsd: 1n, period: 'month', timezone: 'UTC' },
    { name: 'nightly', match: {}, limitPicoUsd: 1n, period: 'day', timezone: 'UTC', shape: 'batch' },
  ],
  grafanaUrl: 'https://grafana.example/',
  runbookUrl: 'https://docs.example/runbooks',
} as const;

interface GrafanaRule {
  readonly uid: string;
  readonly title: string;
  readonly condition: string;
  readonly data: readonly {
    readonly refId: string;
    readonly datasourceUid: string;
    readonly model: { readonly expr?: string; readonly type?: string; readonly expression?: string };
  }[];
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly panelId: number;
  readonly dashboardUid: string;
}

describe('a PrometheusRule', () => {
  it('holds the groups of the rule file', () => {
    const { groups } = parse(renderRules(options)) as { groups: unknown };
    expect(parse(renderKubernetesRules(options))).toEqual({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'costspan', labels: { 'app.kubernetes.io/name': 'costspan' } },
      spec: { groups },
    });
  });
});

describe('the rule file', () => {
  it('knows the budgets of the config, and which come in batches', () => {
    const { groups } = parse(renderRules(options)) as {
      groups: { rules: { record?: string; labels?: unknown }[] }[];
    };
    const configured = groups[0]!.rules.filter(
      ({ record }) => record === 'budget:llm_budget_configured:info',
    );
    expect(configured.map(({ labels }) => labels)).toEqual([
      { budget: 'support', period: 'month', shape: 'steady' },
      { budget: 'nightly', period: 'day', shape: 'batch' },
    ]);
  });

  it('comes in halves for who has the alerts elsewhere', () => {
    const whole = listRuleGroups(options);
    const halves = [
      ...listRuleGroups({ ...options, only: 'recording' }),
      ...listRuleGroups({ ...options, only: 'alerts' }),
    ];
    expect(halves).toEqual(whole);
    expect(renderRules({ only: 'recording' })).not.toContain('alert:');
    expect(renderRules({ only: 'alerts' })).not.toContain('record:');
  });
});

describe('the alerts that Grafana manages', () => {
  const alerts = listRuleGroups(options).flatMap(({ rules }) => rules.filter((rule) => 'alert' in rule));
  const file = parse(renderGrafanaRules({ ...options, datasourceUid: 'mimir' })) as {
    apiVersion: number;
    groups: { name: string; folder: string; interval: string; rules: GrafanaRule[] }[];
  };
  const rules = file.groups.flatMap((group) => group.rules);

  it('are those of Prometheus, under names of their own', () => {
    expect(file.apiVersion).toBe(1);
    expect(rules.map(({ title }) => title)).toEqual(alerts.map(({ alert }) => alert));
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
    // Grafana refuses longer ones.
    for (const { uid } of rules) expect(uid).toMatch(/^[a-z0-9-]{1,40}$/);
  });

  it.each(alerts.map((alert, index) => [alert.alert, alert, rules[index]!] as const))(
    '%s fires for what its query returns, with its numbers, panel and runbook',
    (_name, alert, rule) => {
      const [own, ...rest] = rule.data;
      expect(own).toMatchObject({ refId: 'A', datasourceUid: 'mimir', model: { expr: alert.expr } });
      expect(rest.at(-1)).toMatchObject({
        refId: rule.condition,
        datasourceUid: '__expr__',
        model: { type: 'math', expression: 'is_number($A)' },
      });
      expect(rule.for).toBe(alert.for ?? '0s');
      expect(rule.labels).toEqual({ severity: alert.severity });
      expect(rule).toMatchObject({
        panelId: findPanelId(alert.link),
        dashboardUid: `costspan-${alert.link.board}`,
      });
      const { summary, dashboard_url: dashboard, runbook_url: runbook } = rule.annotations;
      // A template of Grafana sees the values of these queries, and can ask nothing.
      expect(summary).not.toContain('query');
      const shown = [...summary!.matchAll(/\$values\.(\w+)/g)].map(([, refId]) => refId);
      const queries = rule.data.map(({ refId }) => refId);
      expect(shown.filter((refId) => !queries.includes(refId!))).toEqual([]);
      expect(queries.filter((refId) => refId.startsWith('N') && !shown.includes(refId))).toEqual([]);
      expect(dashboard).toMatch(/^https:\/\/grafana\.example\/d\/costspan-[a-z-]+(\?var-|$)/);
      expect(runbook).toMatch(/^https:\/\/docs\.example\/runbooks\/llm-[a-z0-9-]+\.md$/);
    },
  );
});

describe('the runbooks', () => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'docs', 'runbooks');
  const recorded = listRuleGroups(options).flatMap(({ rules }) =>
    rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])),
  );
  const exposed = Object.values({ ...METRIC, ...PROCESSOR_METRIC }).map(({ name }) => name);
  const known = new Set([...recorded, ...exposed]);

  it.each(readdirSync(folder))('%s tells what to look at first, in series that there are', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).toMatch(/^# LLM\w+\n\nSeverity: (page|ticket)\. /);
    expect(text).toContain('\n## Look at first\n\n1. ');
    expect(text).toContain('\n## Then\n');
    const series = [...text.matchAll(/[a-z_]*:?(?:llm|costspan_processor)_\w+(?::\w+)?/g)].map(
      ([name]) => name,
    );
    expect(series.filter((name) => !known.has(name))).toEqual([]);
  });
});
