import { picoUsdToUsdText } from '@costspan/pricing';
import type { PriceChange } from '@costspan/pricing/table';

const MARKS = { added: '+', removed: '-', changed: '~' } as const;

/** What a new table would change, a line per rate, and what in it looks wrong. */
export function renderChanges(changes: readonly PriceChange[]): string {
  const count = (kind: PriceChange['kind']): number =>
    changes.filter((change) => change.kind === kind).length;
  const suspicious = changes.filter(({ suspicions }) => suspicions.length > 0).length;
  const lines = changes.flatMap(({ card, model, kind, rates, suspicions }) => [
    `${MARKS[kind]} ${card} ${model}${Object.keys(rates).length === 0 ? ': dates, modes or names' : ''}`,
    ...Object.entries(rates).map(
      ([unit, [before, after]]) => `    ${unit}: ${renderRate(unit, before)} → ${renderRate(unit, after)}`,
    ),
    ...suspicions.map((suspicion) => `  ! ${suspicion}`),
  ]);
  const summary = `${count('added')} models added, ${count('changed')} changed, ${count('removed')} removed; ${suspicious} to look at`;
  return `${[...lines, summary].join('\n')}\n`;
}

/** Tokens as USD per million, as price pages print them; other units and fees as they are stated. */
function renderRate(unit: string, picoUsd: number | undefined): string {
  if (picoUsd === undefined) return 'none';
  const isPerToken = !/^\w+_\w+|^request/.test(unit);
  return picoUsdToUsdText(BigInt(picoUsd) * (isPerToken ? 1_000_000n : 1n));
}
