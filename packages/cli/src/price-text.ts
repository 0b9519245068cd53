import { type Cost, type PriceDescription, picoUsdToUsdText, type Usage } from '@costspan/pricing';

/** The rates of a model as text. */
export function renderPrice(description: PriceDescription): string {
  const { provider, model, mode, status, reason, from, priceVersion, sources, tiers, usdPerRequest } =
    description;
  const notes = [
    ...(from === undefined ? [] : [`since ${from}`]),
    ...(status === 'estimated' ? [`estimated: ${reason ?? 'unknown'}`] : []),
  ];
  const lines = [`${model} (${[provider, mode, ...notes].join(', ')})`];
  for (const { minInputTokens, usdPerMtok } of tiers) {
    const above = minInputTokens === 0 ? '' : `, requests of ${minInputTokens} input tokens or more`;
    lines.push(`USD per million tokens${above}`, ...renderTable(Object.entries(usdPerMtok)));
  }
  const fees = Object.entries(usdPerRequest);
  if (fees.length > 0) lines.push('USD per request', ...renderTable(fees));
  lines.push(`price table ${priceVersion}; ${sources.join('; ')}`);
  return `${lines.join('\n')}\n`;
}

/** What one call costs, with its parts, as text. */
export function renderCost(usage: Usage, cost: Cost): string {
  const counts = [
    ...(usage.inputTokens === undefined ? [] : [`${usage.inputTokens} input`]),
    ...(usage.cacheReadInputTokens === undefined ? [] : [`${usage.cacheReadInputTokens} of them cached`]),
    ...(usage.outputTokens === undefined ? [] : [`${usage.outputTokens} output`]),
  ];
  const status = cost.status === 'priced' ? '' : ` (${cost.status}: ${cost.reason ?? 'unknown'})`;
  const rows: [string, string][] = [];
  if (cost.parts !== undefined) {
    rows.push(
      ['input', picoUsdToUsdText(BigInt(cost.parts.inputPicoUsd))],
      ['cacheRead', picoUsdToUsdText(BigInt(cost.parts.cacheReadPicoUsd))],
    );
    rows.push(['output', picoUsdToUsdText(BigInt(cost.parts.outputPicoUsd))]);
  }
  rows.push(['total', picoUsdToUsdText(BigInt(cost.amountPicoUsd))]);
  return `${[`USD of a call of ${counts.join(', ')} tokens${status}`, ...renderTable(rows)].join('\n')}\n`;
}

/** Two columns, the second aligned to the right. */
function renderTable(rows: readonly (readonly [string, string])[]): string[] {
  const nameChars = Math.max(...rows.map(([name]) => name.length));
  const valueChars = Math.max(...rows.map(([, value]) => value.length));
  return rows.map(([name, value]) => `  ${name.padEnd(nameChars)}  ${value.padStart(valueChars)}`);
}
