import type { PriceCredit } from '@costspan/pricing';
import { picoUsdToUsdText } from '@costspan/pricing';
import { renderColumns } from '../table-text.js';
import { CAUSES, type Cause, type Pair, type Reconciliation, readDrift } from './compare.js';

/** What the reconciliation is of. */
export interface ReconciledPeriod {
  readonly name: string;
  readonly month: string;
  readonly credits: readonly PriceCredit[];
}

const usd = (picoUsd: bigint): string => (Number(picoUsd) / 1e12).toFixed(2);
const percent = (ratio: number): string => `${ratio > 0 ? '+' : ''}${(ratio * 100).toFixed(2)} %`;

/** By day, by item, and where the difference comes from. */
export function renderReconciliation(
  found: Reconciliation,
  { name, month, credits }: ReconciledPeriod,
): string {
  const { billedPicoUsd, ledgerPicoUsd, driftRatio, days, items, causes } = found;
  const explained = readCauses(causes);
  const lines = [
    `${name} ${month}: billed ${usd(billedPicoUsd)} USD, ledger ${usd(ledgerPicoUsd)} USD, drift ${percent(driftRatio)}`,
    '',
    ...renderColumns([['by day', 'billed', 'ledger', 'difference', 'drift'], ...days.map(renderPair)]),
    '',
    ...renderColumns([
      ['by item', 'billed', 'ledger', 'difference', 'drift', 'most of it'],
      ...items.map((item) => [...renderPair(item), item.cause ?? '']),
    ]),
    '',
    explained.length === 0
      ? 'There is no difference.'
      : 'Where the difference comes from (bill less ledger, USD)',
    ...renderColumns(explained.map(([cause, picoUsd]) => [`${cause}: ${CAUSES[cause]}`, usd(picoUsd)])),
    ...credits.map(
      ({ usd: amount, from = 'ever', until = 'further notice' }) =>
        `A credit of ${amount} USD holds from ${from} to ${until}: the invoice may be smaller by it.`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const renderPair = ({ name, billedPicoUsd, ledgerPicoUsd }: Pair): string[] => [
  name,
  usd(billedPicoUsd),
  usd(ledgerPicoUsd),
  usd(billedPicoUsd - ledgerPicoUsd),
  percent(readDrift(billedPicoUsd, ledgerPicoUsd)),
];

/** The largest first. */
const readCauses = (causes: Reconciliation['causes']): [Cause, bigint][] =>
  (Object.entries(causes) as [Cause, bigint][])
    .filter(([, picoUsd]) => picoUsd !== 0n)
    .sort(([, a], [, b]) => (magnitude(a) < magnitude(b) ? 1 : -1));

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** The same for programs; amounts are exact decimal text, USD. */
export function renderReconciliationJson(
  found: Reconciliation,
  { name, month, credits }: ReconciledPeriod,
): string {
  const toPair = ({ name: of, billedPicoUsd, ledgerPicoUsd, cause }: Pair) => ({
    name: of,
    billed_usd: picoUsdToUsdText(billedPicoUsd),
    ledger_usd: picoUsdToUsdText(ledgerPicoUsd),
    ...(cause === undefined ? {} : { cause }),
  });
  const value = {
    provider: name,
    month,
    billed_usd: picoUsdToUsdText(found.billedPicoUsd),
    ledger_usd: picoUsdToUsdText(found.ledgerPicoUsd),
    drift_ratio: found.driftRatio,
    days: found.days.map(toPair),
    items: found.items.map(toPair),
    causes: Object.fromEntries(
      readCauses(found.causes).map(([cause, picoUsd]) => [cause, picoUsdToUsdText(picoUsd)]),
    ),
    credits,
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
