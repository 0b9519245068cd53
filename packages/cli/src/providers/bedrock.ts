import {
  type Bill,
  type BillLine,
  type BillSource,
  checkCurrency,
  type Fields,
  malformed,
  readAmount,
  readDay,
  readFields,
  readItems,
  readName,
  readPages,
} from './bill.js';

/** Services under which AWS bills models: its own, and each third party's as one of the marketplace. */
const SERVICE = /bedrock/i;

/** `aws ce get-cost-and-usage`: by day, grouped by SERVICE and USAGE_TYPE, or not grouped but filtered. */
function readCostAndUsage(pages: readonly Fields[]): BillLine[] {
  return pages.flatMap((page) => {
    if (!Array.isArray(page.ResultsByTime)) throw malformed('ResultsByTime is missing');
    return readItems(page.ResultsByTime).flatMap((result) => {
      const day = readDay(readFields(result.TimePeriod).Start);
      const groups = readItems(result.Groups);
      if (groups.length === 0) return [readLine(day, ['Bedrock'], result.Total)];
      return groups.flatMap((group) => {
        const keys = Array.isArray(group.Keys) ? group.Keys.map(String) : [];
        const isOther = keys.length > 1 && !keys.some((key) => SERVICE.test(key));
        return isOther ? [] : [readLine(day, keys, group.Metrics)];
      });
    });
  });
}

function readLine(day: string, keys: readonly string[], metrics: unknown): BillLine {
  const found = readFields(metrics);
  const metric = readFields(
    found.UnblendedCost ?? found.NetUnblendedCost ?? found.AmortizedCost ?? found.BlendedCost,
  );
  checkCurrency(metric.Unit);
  return { day, item: keys.join(' '), picoUsd: readAmount(metric.Amount) };
}

type Row = Readonly<Record<string, string>>;

/** The names of a column in cost and usage reports, old and new, and in FOCUS. */
const pick = (row: Row, ...names: readonly string[]): string | undefined =>
  names.map((name) => row[name]).find((value) => value !== undefined && value !== '');

function readReportRow(row: Row): BillLine[] {
  const service =
    pick(row, 'product_servicecode', 'lineItem/ProductCode', 'line_item_product_code', 'ServiceName') ?? '';
  const name = pick(row, 'product/ProductName', 'product_product_name', 'ServiceName') ?? '';
  if (!SERVICE.test(`${service} ${name}`)) return [];
  checkCurrency(pick(row, 'lineItem/CurrencyCode', 'line_item_currency_code', 'BillingCurrency'));
  const model = readName(pick(row, 'product/model', 'product_model', 'x_model'));
  return [
    {
      day: readDay(pick(row, 'lineItem/UsageStartDate', 'line_item_usage_start_date', 'ChargePeriodStart')),
      item: [name, pick(row, 'lineItem/UsageType', 'line_item_usage_type', 'SkuId')]
        .filter(Boolean)
        .join(' '),
      ...(model === undefined ? {} : { model }),
      picoUsd: readAmount(
        pick(row, 'lineItem/UnblendedCost', 'line_item_unblended_cost', 'EffectiveCost', 'BilledCost'),
      ),
    },
  ];
}

/** From a file alone: AWS wants every request signed, which its own command does. */
export const bedrock: BillSource = {
  provider: 'aws.bedrock',
  fileHelp:
    'aws ce get-cost-and-usage --granularity DAILY --metrics UnblendedCost --group-by Type=DIMENSION,Key=SERVICE Type=DIMENSION,Key=USAGE_TYPE --time-period Start=2026-10-01,End=2026-11-01 > bill.json; or a cost and usage report as CSV',
  readFile(content): Bill {
    if (content.kind === 'json') return { lines: readCostAndUsage(readPages(content.value)) };
    return { lines: content.rows.flatMap(readReportRow) };
  },
};
