import { type Cost, type PriceDescription, picoUsdToUsdText, type Usage } from '@costspan/pricing';
import { renderColumns } from './table-text.js';

/** The rates of a model as text. */
export function renderPrice(description: PriceDescription): string {
  const { provider, model, mode, status, reason, from, match } = description;
  const notes = [
    ...(from === undefined ? [] : [`since ${from}`]),
    ...(match === 'exact' ? [] : [`found as ${match}`]),
    ...(status === 'estimated' ? [`estimated: ${reason ?? 'unknown'}`] : []),
  ];
  const lines = [`${model} (${[provider, mode, ...notes].join(', ')})`];
  for (const { minInputTokens, usdPerMtok } of description.tiers) {
    const rates = Object.entries(usdPerMtok);
    const above = minInputTokens === 0 ? '' : `, requests of ${minInputTokens} input tokens or more`;
    if (rates.length > 0) lines.push(`USD per million tokens${above}`, ...renderColumns(rates));
  }
  const units = Object.entries(description.usdPerUnit ?? {});
  if (units.length > 0) lines.push('USD per unit', ...renderColumns(units));
  const fees = Object.entries(description.usdPerRequest);
  if (fees.length > 0) lines.push('USD per request', ...renderColumns(fees));
  const checked = description.checked === undefined ? '' : `; checked ${description.checked}`;
  lines.push(`price table ${description.priceVersion}; ${description.sources.join('; ')}${checked}`);
  return `${lines.join('\n')}\n`;
}

/** What one call costs: each part with its count and its rate, then the sum. */
export function renderCost(usage: Usage, cost: Cost, description: PriceDescription): string {
  const status = cost.status === 'priced' ? '' : ` (${cost.status}: ${cost.reason ?? 'unknown'})`;
  const rows = [...readPartRows(usage, cost, description)];
  rows.push(['total', '', toUsd(cost.amountPicoUsd)]);
  if (cost.listAmountPicoUsd !== undefined) rows.push(['at list price', '', toUsd(cost.listAmountPicoUsd)]);
  return `USD of one call${status}\n${renderColumns(rows).join('\n')}\n`;
}

/** What many such calls cost, exactly. */
export function renderMonth(cost: Cost, calls: number): string {
  const rows = [['total', toUsd(BigInt(cost.amountPicoUsd) * BigInt(calls))]];
  if (cost.listAmountPicoUsd !== undefined)
    rows.push(['at list price', toUsd(BigInt(cost.listAmountPicoUsd) * BigInt(calls))]);
  return `USD of ${calls} such calls a month\n${renderColumns(rows).join('\n')}\n`;
}

const toUsd = (picoUsd: number | bigint): string => picoUsdToUsdText(BigInt(picoUsd));

function readPartRows(
  usage: Usage,
  { parts }: Cost,
  { tiers, usdPerRequest, usdPerUnit }: PriceDescription,
): string[][] {
  if (parts === undefined) return [];
  const { inputTokens = 0, cacheReadInputTokens = 0, cacheWriteInputTokens = 0, outputTokens = 0 } = usage;
  const rates = tiers.findLast(({ minInputTokens }) => inputTokens >= minInputTokens)?.usdPerMtok ?? {};
  const written1h = usage.cacheWriteByTtl?.['1h'] ?? 0;
  const times = (count: number, rate: string | undefined): string =>
    count === 0 ? '' : `${count} × ${rate ?? '?'}`;
  const units = Object.entries(usage.units ?? {}).map(([unit, count]) =>
    times(count, usdPerUnit?.[`${unit} ${usage.unitVariant ?? ''}`] ?? usdPerUnit?.[unit]),
  );
  const tools = Object.entries(usage.toolRequests ?? {}).map(([tool, count]) =>
    times(count, usdPerRequest[tool]),
  );
  const join = (terms: readonly string[]): string => terms.filter((term) => term !== '').join(' + ');
  const hasOutputUnit = Object.keys(usage.units ?? {}).some((unit) => unit.startsWith('output_'));
  const rows: [string, string, number][] = [
    [
      'input',
      join([
        times(inputTokens - cacheReadInputTokens - cacheWriteInputTokens, rates.input),
        ...(hasOutputUnit ? [] : units),
      ]),
      parts.inputPicoUsd,
    ],
    ['cacheRead', times(cacheReadInputTokens, rates.cacheRead ?? rates.input), parts.cacheReadPicoUsd],
    [
      'cacheWrite',
      join([
        times(cacheWriteInputTokens - written1h, rates.cacheWrite ?? rates.input),
        times(written1h, rates.cacheWrite1h ?? rates.cacheWrite ?? rates.input),
      ]),
      parts.cacheWritePicoUsd,
    ],
    [
      'output',
      join([times(outputTokens, rates.output), ...(hasOutputUnit ? units : [])]),
      parts.outputPicoUsd,
    ],
    ['tools', join([times(1, usdPerRequest.request).replace('1 × ?', ''), ...tools]), parts.toolsPicoUsd],
  ];
  return rows
    .filter(([, terms, picoUsd]) => terms !== '' || picoUsd > 0)
    .map(([name, terms, picoUsd]) => [name, terms, toUsd(picoUsd)]);
}
