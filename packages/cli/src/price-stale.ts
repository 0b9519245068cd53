import type { PriceTable } from '@costspan/pricing';
import { listPriceCards } from '@costspan/pricing/table';
import { renderColumns } from './table-text.js';
import { CliError } from './verb.js';

const DAY_MS = 86_400_000;

/** `60d` in days. */
export function readDays(flag: string, text: string): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  if (days !== undefined) return Number(days);
  throw new CliError(`${flag} ${text} is not a number of days`, { fix: `write for example ${flag} 60d` });
}

/** Rates that nobody has compared with their source for longer than that, the oldest first. */
export function renderStale(
  table: PriceTable | undefined,
  {
    days,
    nowMs,
    card: only,
  }: { readonly days: number; readonly nowMs: number; readonly card: string | undefined },
): string {
  const rows = listPriceCards(table)
    .filter((card) => only === undefined || card.name === only)
    .flatMap((card) =>
      card.models.map((model) => ({
        id: `${card.name} ${model.id}`,
        checked: model.checked ?? card.checked ?? '',
        source: model.source ?? card.source,
      })),
    );
  const stale = rows
    .filter(({ checked }) => checked === '' || nowMs - Date.parse(checked) > days * DAY_MS)
    .sort((a, b) => a.checked.localeCompare(b.checked, 'en') || a.id.localeCompare(b.id, 'en'));
  const lines = stale.map(({ id, checked, source }) => [
    id,
    checked === ''
      ? 'never checked'
      : `${Math.floor((nowMs - Date.parse(checked)) / DAY_MS)} days, ${checked}`,
    source,
  ]);
  return `${[`${stale.length} of ${rows.length} models were last checked more than ${days} days ago`, ...renderColumns(lines)].join('\n')}\n`;
}
