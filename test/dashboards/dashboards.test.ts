import { findPanelId, listRuleGroups } from '@costspan/monitoring';
import { METRIC, PROCESSOR_METRIC } from '@costspan/semconv';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { boards, fillVariables, panels, targets } from './boards.ts';

/** What the pictures can be drawn for; a panel of another type would be in none of them. */
const TYPES = ['stat', 'timeseries', 'table', 'bargauge', 'piechart', 'text'];

/** Kind and text of every node of a query. */
function parse(expr: string): { readonly kind: string; readonly text: string }[] {
  const nodes: { kind: string; text: string }[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, type, from, to }) => {
      nodes.push({ kind: type.isError ? 'error' : name, text: expr.slice(from, to) });
    },
  });
  return nodes;
}

describe('the dashboards', () => {
  it('are six, which link to each other', () => {
    expect(boards.map(({ title }) => title).sort()).toEqual([
      'costspan / Budgets',
      'costspan / Models and caching',
      'costspan / Overview',
      'costspan / Pipeline health',
      'costspan / Tenants and tiers',
      'costspan / Unit economics',
    ]);
    const urls = boards.map(({ uid }) => `/d/${uid}`);
    for (const { uid, links } of boards)
      expect(links.map(({ url }) => url).sort()).toEqual(urls.filter((url) => url !== `/d/${uid}`).sort());
  });

  it('mark deployments and new prices', () => {
    for (const { annotations } of boards)
      expect(annotations.list.map(({ name }) => name)).toEqual(['Deployments', 'Price changes']);
  });

  it.each(boards.map((board) => [board.uid, board] as const))(
    '%s is laid out without gaps or overlaps',
    (_uid, board) => {
      const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      const height = Math.max(...board.panels.map(({ gridPos: { y, h } }) => y + h));
      expect(cells).toHaveLength(24 * height);
      expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    },
  );

  it.each(panels.map(({ board, panel }) => [`${board.uid}: ${panel.title}`, panel] as const))(
    '%s has a title, a description, a unit, legends and a type that can be drawn',
    (_name, panel) => {
      expect(TYPES).toContain(panel.type);
      expect(panel.title.length).toBeGreaterThan(2);
      expect(panel.description).toMatch(/^\S.{10,}\.$/);
      if (panel.type === 'text') return;
      expect(panel.fieldConfig?.defaults.unit).toBeTruthy();
      expect(panel.targets).not.toEqual([]);
      for (const target of panel.targets ?? [])
        if (target.format !== 'table') expect(target.legendFormat).toBeTruthy();
    },
  );
});

describe('the queries of the dashboards', () => {
  const recorded = listRuleGroups().flatMap(({ rules }) =>
    rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])),
  );
  const exposed = Object.values({ ...METRIC, ...PROCESSOR_METRIC }).flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  const known = new Set([...recorded, ...exposed, 'ALERTS', 'budget:llm_budget_configured:info']);

  it.each(
    targets.map(
      ({ board, panel, target }) => [`${board.uid}: ${panel.title} ${target.refId}`, target] as const,
    ),
  )('%s parses, and reads only series that there are', (_name, { expr }) => {
    const nodes = parse(fillVariables(expr));
    expect(nodes.filter(({ kind }) => kind === 'error')).toEqual([]);
    const read = nodes.filter(({ kind }) => kind === 'Identifier').map(({ text }) => text);
    expect(read.length).toBeGreaterThan(0);
    expect(read.filter((name) => !known.has(name))).toEqual([]);
  });

  it('are refused by this parser when they are wrong', () => {
    expect(parse('sum by (a (x)').map(({ kind }) => kind)).toContain('error');
  });

  it('filter by no vendor', () => {
    const filters = targets.flatMap(({ target }) =>
      [...target.expr.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].map(([, label, value]) => ({
        label,
        value,
      })),
    );
    const labels = [
      'service',
      'environment',
      'feature',
      'user_tier',
      'tenant',
      'budget',
      'outcome',
      'token_type',
      'status',
      'alertname',
      'alertstate',
    ];
    expect(filters.filter(({ label }) => !labels.includes(label!))).toEqual([]);
  });

  it('use only variables that their dashboard has', () => {
    for (const { board, target } of targets) {
      const names = board.templating.list.map(({ name }) => name);
      const used = [...target.expr.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name!);
      expect(used.filter((name) => !names.includes(name))).toEqual([]);
    }
  });
});

describe('the alerts', () => {
  const alerts = listRuleGroups().flatMap(({ rules }) => rules.filter((rule) => 'alert' in rule));

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s leads to a panel, by variables that are there, and the panel or its thresholds say so',
    (_name, { link }) => {
      expect(findPanelId(link)).toBeGreaterThan(0);
      const board = boards.find(({ uid }) => uid === `costspan-${link.board}`)!;
      const names = board.templating.list.map(({ name }) => name);
      expect(Object.keys(link.variables).filter((name) => !names.includes(name))).toEqual([]);
    },
  );
});
