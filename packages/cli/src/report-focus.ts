import { picoUsdToUsdText } from '@costspan/pricing';
import {
  LEDGER_LABELS,
  type LedgerDimension,
  type ReportRow,
  trueCost,
  trueListCost,
} from '@costspan/processor';
import { renderCsvLines, sumTokens } from './report-text.js';

/** A FOCUS row is a day of one label set. */
export const FOCUS_BY: readonly LedgerDimension[] = ['day', ...LEDGER_LABELS];

const DAY_MS = 86_400_000;

/**
 * The columns of the FinOps Open Cost and Usage Specification 1.2 that calls of a model have; what it has no column for
 * begins with `x_`, as it asks. What was rolled up into months is a charge of the first day.
 */
const COLUMNS: Readonly<Record<string, (row: ReportRow) => string | number>> = {
  BilledCost: (row) => picoUsdToUsdText(trueCost(row)),
  BillingAccountId: nameProvider,
  BillingAccountName: () => '',
  BillingCurrency: () => 'USD',
  BillingPeriodStart: (row) => renderInstant(startOfMonth(row, 0)),
  BillingPeriodEnd: (row) => renderInstant(startOfMonth(row, 1)),
  ChargeCategory: () => 'Usage',
  ChargeClass: () => '',
  ChargeDescription: ({ labels }) => `${labels.operation || 'tasks'} ${labels.model ?? ''}`.trim(),
  ChargeFrequency: () => 'Usage-Based',
  ChargePeriodStart: (row) => renderInstant(startOfDay(row)),
  ChargePeriodEnd: (row) => renderInstant(startOfDay(row) + DAY_MS),
  ConsumedQuantity: (row) => sumTokens(row),
  ConsumedUnit: () => 'Tokens',
  ContractedCost: (row) => picoUsdToUsdText(trueCost(row)),
  EffectiveCost: (row) => picoUsdToUsdText(trueCost(row)),
  InvoiceIssuerName: nameProvider,
  ListCost: (row) => picoUsdToUsdText(trueListCost(row)),
  PricingQuantity: (row) => sumTokens(row),
  PricingUnit: () => 'Tokens',
  ProviderName: nameProvider,
  PublisherName: nameProvider,
  ServiceCategory: () => 'AI and Machine Learning',
  ServiceName: nameProvider,
  ServiceSubcategory: () => 'Generative AI',
  SkuId: ({ labels }) => [labels.provider, labels.model, labels.mode].filter(Boolean).join('/'),
  SubAccountId: ({ labels }) => labels.tenant ?? '',
  SubAccountName: ({ labels }) => labels.tenant ?? '',
  x_Service: ({ labels }) => labels.service ?? '',
  x_Environment: ({ labels }) => labels.environment ?? '',
  x_Feature: ({ labels }) => labels.feature ?? '',
  x_Task: ({ labels }) => labels.task ?? '',
  x_Outcome: ({ labels }) => labels.outcome ?? '',
  x_UserTier: ({ labels }) => labels.user_tier ?? '',
  x_Model: ({ labels }) => labels.model ?? '',
  x_Mode: ({ labels }) => labels.mode ?? '',
  x_Operation: ({ labels }) => labels.operation ?? '',
  x_CostSource: ({ labels }) => labels.cost_source ?? '',
  x_Calls: (row) => row.calls,
  x_UnpricedCalls: (row) => row.unpricedCalls,
  x_Tasks: (row) => row.tasks,
  x_InputTokens: (row) => row.inputTokens,
  x_CacheReadTokens: (row) => row.cacheReadTokens,
  x_CacheWriteTokens: (row) => row.cacheWriteTokens,
  x_OutputTokens: (row) => row.outputTokens,
  x_ReasoningTokens: (row) => row.reasoningTokens,
  x_CorrectionCost: (row) => picoUsdToUsdText(row.costCorrectionPicoUsd),
};

/** Rows by {@link FOCUS_BY} as CSV. */
export const renderFocus = (rows: readonly ReportRow[]): string =>
  renderCsvLines([
    Object.keys(COLUMNS),
    ...rows.map((row) => Object.values(COLUMNS).map((read) => read(row))),
  ]);

/** Never empty, as FOCUS asks. No span says which account of the provider pays: all are one. */
function nameProvider({ labels }: ReportRow): string {
  return labels.provider || 'unknown';
}

const startOfDay = ({ labels }: ReportRow): number => Date.parse(`${labels.day ?? ''}T00:00Z`);

function startOfMonth(row: ReportRow, later: number): number {
  const day = new Date(startOfDay(row));
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + later);
}

const renderInstant = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z');
