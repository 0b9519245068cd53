import type { DatabaseSync } from 'node:sqlite';
import type { Snapshot } from '@costspan/aggregate';
import { picoUsdToUsd } from '@costspan/pricing';
import { PROCESSOR_METRIC } from '@costspan/semconv';

/** What `costspan reconcile` found for one provider and one month. */
export interface LedgerReconciliation {
  readonly provider: string;
  /** `2026-10` */
  readonly month: string;
  readonly madeAtMs: number;
  /** (ledger − bill) / bill. */
  readonly driftRatio: number;
  readonly billedPicoUsd: bigint;
  readonly ledgerPicoUsd: bigint;
}

const KEY = 'reconciliation/';

/** Keeps the newest reconciliation of a provider; a running processor shows it from its next scrape on. */
export function writeReconciliation(database: DatabaseSync, found: LedgerReconciliation): void {
  const value = JSON.stringify({
    ...found,
    billedPicoUsd: String(found.billedPicoUsd),
    ledgerPicoUsd: String(found.ledgerPicoUsd),
  });
  database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(KEY + found.provider, value);
}

/** Drift by provider and corrections by model, as the ledger has them now. */
export function readAuditMetrics(database: DatabaseSync): Snapshot[] {
  const drift = database.prepare('SELECT value FROM meta WHERE key GLOB ?').all(`${KEY}*`);
  const corrections = database
    .prepare(
      `SELECT provider, model, SUM(cost_micro_usd) * 1000000.0 + SUM(cost_rest_pico_usd) AS pico_usd
       FROM correction JOIN labels ON labels.id = correction.labels GROUP BY provider, model`,
    )
    .all();
  return [
    {
      definition: PROCESSOR_METRIC.RECONCILIATION_DRIFT,
      samples: drift.map(({ value }) => {
        const { provider, driftRatio }: LedgerReconciliation = JSON.parse(String(value));
        return { labels: { provider }, value: driftRatio };
      }),
    },
    {
      definition: PROCESSOR_METRIC.COST_CORRECTION,
      samples: corrections.map(({ provider, model, pico_usd }) => ({
        labels: { provider: String(provider), model: String(model) },
        value: picoUsdToUsd(Number(pico_usd)),
      })),
    },
  ];
}
