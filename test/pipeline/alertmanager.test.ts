import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, until } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../contract/packages.ts';
import { requirePart, suffixOf } from '../real-parts.ts';
import {
  ALERTMANAGER_CONFIG,
  type AlertmanagerProcess,
  startAlertmanager,
  startWebhook,
  type Webhook,
} from './alertmanager.ts';
import { callAttributes, encodeTraces, postTraces } from './otlp.ts';
import { type ProcessorProcess, type PrometheusProcess, startProcessor, startPrometheus } from './stack.ts';

const amtool = requirePart('amtool');
const alertmanagerPart = requirePart('alertmanager');
const prometheusPart = requirePart('prometheus');
const rules = readFileSync(join(ROOT, 'collector-config', 'prometheus', 'costspan.rules.yml'), 'utf8');
const alertNames = [...rules.matchAll(/alert: (\w+)/g)].map((match) => match[1]!);

describe('the Alertmanager configuration', () => {
  const text = readFileSync(ALERTMANAGER_CONFIG, 'utf8');

  it.skipIf(amtool.path === undefined)(`is right for amtool${suffixOf(amtool)}`, async () => {
    const result = await run(amtool.path!, ['check-config', ALERTMANAGER_CONFIG]);
    expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('names alerts that the rules have', () => {
    const patterns = [...text.matchAll(/alertname=~?"([^"]+)"/g)].map((match) => match[1]!);
    const named = patterns.flatMap((pattern) => {
      const group = /^(\w+)\((.+)\)$/.exec(pattern);
      return group === null ? pattern.split('|') : group[2]!.split('|').map((end) => `${group[1]}${end}`);
    });
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !alertNames.includes(name))).toEqual([]);
  });

  it.skipIf(amtool.path === undefined).each([
    [['severity=page', 'budget=chat'], 'pager'],
    [['severity=ticket', 'feature=search'], 'tickets'],
    [['severity=ticket', 'feature=support-chat'], 'owner-support,tickets'],
    [['severity=page', 'budget=support'], 'owner-support,pager'],
    [['severity=unheard-of'], 'tickets'],
  ])(`routes %s to %s${suffixOf(amtool)}`, async (labels, receivers) => {
    const result = await run(amtool.path!, [
      'config',
      'routes',
      'test',
      `--config.file=${ALERTMANAGER_CONFIG}`,
      ...labels,
    ]);
    expect(result.stdout.trim()).toBe(receivers);
  });
});

/** Two budgets, one spent at once and one that burns; a call of 50 USD hits both. */
const CONFIG = `tasks: { settle_after: 2s, settle_quiet: 1s }
budgets:
  - { name: spent, match: { feature: support-chat }, limit_usd: 40, period: month }
  - { name: burning, match: { feature: support-chat }, limit_usd: 60, period: month }
`;

const isReady = alertmanagerPart.path !== undefined && prometheusPart.path !== undefined;
describe.skipIf(!isReady)(
  `an alert through Prometheus and Alertmanager${suffixOf(alertmanagerPart)}${suffixOf(prometheusPart)}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-alert-'));
    let processor: ProcessorProcess | undefined;
    let prometheus: PrometheusProcess | undefined;
    let alertmanager: AlertmanagerProcess | undefined;
    let webhook: Webhook | undefined;

    beforeAll(async () => {
      webhook = await startWebhook();
      alertmanager = await startAlertmanager(alertmanagerPart.path!, { folder, webhook: webhook.origin });
      processor = await startProcessor(folder, { config: CONFIG });
      prometheus = await startPrometheus(prometheusPart.path!, {
        folder,
        target: processor.metrics,
        alertmanager: alertmanager.origin,
      });
      // The budgets' counters are seen at 0 first, or the increase would be nothing.
      const countSamples = () => prometheus!.query('count_over_time(llm_budget_spend_usd_total[5m])');
      await until(async () => (await countSamples()).filter((samples) => samples > 1).length === 2);
      await postCall(50);
    });
    afterAll(async () => {
      await prometheus?.process.stop();
      await alertmanager?.process.stop();
      await processor?.process.stop();
      await webhook?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function postCall(costUsd: number): Promise<void> {
      const labels = { 'costspan.feature': 'support-chat', 'costspan.user.tier': 'free' };
      const attributes = callAttributes(costUsd, labels);
      expect(await postTraces(processor!.otlp, encodeTraces([{ attributes }]))).toBe(200);
    }

    const delivered = (receiver: string, labels: Readonly<Record<string, string>>) =>
      webhook!.deliveries.filter(
        (delivery) =>
          delivery.receiver === receiver &&
          Object.entries(labels).every(([name, value]) => delivery.labels[name] === value),
      );

    it('pages that a budget is spent, and not how fast it went', async () => {
      await expect
        .poll(() => delivered('pager', { budget: 'spent' }).map((delivery) => delivery.alertNames))
        .toEqual([['LLMBudgetExhausted']]);
      expect(delivered('pager', { budget: 'spent' })[0]!.summaries[0]).toMatch(
        /^Budget spent is spent: 125%/,
      );
      await expect
        .poll(() => alertmanager!.listAlerts('suppressed', { budget: 'spent' }))
        .toEqual(expect.arrayContaining(['LLMBudgetBurnFast', 'LLMBudgetBurnSlow']));
    });

    it('pages that a budget burns fast, and not that it burns slowly too', async () => {
      await expect
        .poll(() => delivered('pager', { budget: 'burning' }).map((delivery) => delivery.alertNames))
        .toEqual([['LLMBudgetBurnFast']]);
      await expect
        .poll(() => alertmanager!.listAlerts('suppressed', { budget: 'burning' }))
        .toContain('LLMBudgetBurnSlow');
    });

    it('tells the owner of a feature that its free tier uses a dear model, and writes the ticket', async () => {
      for (const receiver of ['owner-support', 'tickets']) {
        await expect
          .poll(async () => {
            // The call before is no increase where a busy Prometheus has not seen its series at 0.
            await postCall(0.001);
            return delivered(receiver, { feature: 'support-chat' }).flatMap(({ alertNames }) => alertNames);
          })
          .toContain('LLMFreeTierOnExpensiveModel');
      }
      expect(delivered('owner-support', { budget: 'spent' })).toEqual([]);
    });
  },
);
