import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRIC } from '@costspan/semconv';
import { describe, expect, it } from 'vitest';
import { suffixOf } from '../../../test/real-parts.ts';
import { listRuleGroups } from '../src/groups.ts';
import { divide, orZero, select, sumIncrease, sumRate } from '../src/queries.ts';
import { renderRules } from '../src/render/prometheus.ts';
import { runbookName } from '../src/rules/rule.ts';
import { promtool, runPromtool } from './promtool.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const budget = (name: string) =>
  ({ name, match: {}, limitPicoUsd: 1n, period: 'month', timezone: 'UTC' }) as const;
const withBudgets = { budgets: [budget('support'), budget('odd "name" {{ . }} \\ ü')] };

describe('the rule file', () => {
  it('is checked in as rendered', () => {
    const file = join(root, 'collector-config/prometheus/costspan.rules.yml');
    expect(readFileSync(file, 'utf8')).toBe(renderRules());
  });

  it('reads no counter over more than an hour for the unit economics', () => {
    const long = listRuleGroups().filter(({ name }) => /^llm-tasks-(1d|7d|30d)$/.test(name));
    expect(long).toHaveLength(3);
    const reading = long.flatMap(({ rules }) => rules.filter(({ expr }) => expr.includes('_total')));
    expect(reading).toEqual([]);
  });

  it('records no series twice', () => {
    const names = listRuleGroups().flatMap(({ rules }) =>
      rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])),
    );
    expect(names).toEqual([...new Set(names)]);
  });

  it('has a runbook page for every alert, and no other page', () => {
    const alerts = listRuleGroups(withBudgets).flatMap(({ rules }) =>
      rules.filter((rule) => 'alert' in rule),
    );
    const pages = new Set(alerts.map(({ alert }) => `${runbookName(alert)}.md`));
    const files = readdirSync(join(root, 'docs/runbooks'));
    expect(files.sort()).toEqual([...pages].sort());
  });
});

describe('queries', () => {
  it('refuse a label that the metric does not have', () => {
    const message = 'llm_budget_limit_usd has no label feature; it has budget';
    expect(() => select(METRIC.BUDGET_LIMIT, { feature: '=a' })).toThrow(message);
    expect(() => sumRate(['model'], METRIC.TASK_COST, '5m')).toThrow(
      'llm_task_cost_usd_total has no label model',
    );
  });

  it('refuse to divide what has different labels', () => {
    const byFeature = sumIncrease(['feature'], METRIC.TASK_COST, { window: '1h' });
    const byTask = sumIncrease(['feature', 'task'], METRIC.TASKS, { window: '1h' });
    expect(() => divide(byFeature, byTask)).toThrow(
      /^divide: .* has the labels feature, .* has feature,task$/,
    );
    expect(() => orZero(byFeature, byTask)).toThrow(
      /^orZero: .* has the labels feature, .* has feature,task$/,
    );
  });
});

describe.skipIf(promtool.path === undefined)(`in promtool${suffixOf(promtool)}`, () => {
  it('passes promtool check rules, with budgets of any name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-rules-'));
    writeFileSync(join(folder, 'rules.yml'), renderRules(withBudgets));
    runPromtool(['check', 'rules', 'rules.yml'], folder);
    rmSync(folder, { recursive: true });
  });
});
