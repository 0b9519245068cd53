import { usdToPicoUsd } from '@costspan/pricing';
import { CliError, EXIT } from '../verb.js';

/** One line of what a provider charged. */
export interface BillLine {
  /** UTC. */
  readonly day: string;
  /** As the provider names it. */
  readonly item: string;
  /** Model that it is for; absent where the line is for something else. */
  readonly model?: string;
  readonly picoUsd: bigint;
}

/** What a provider counted, for telling calls that were not seen from calls that were priced otherwise. */
export interface BillUsage {
  readonly day: string;
  readonly model: string;
  /** Input, cached included, and output. */
  readonly tokens: number;
}

/** A provider's own account of a month. */
export interface Bill {
  readonly lines: readonly BillLine[];
  /** Absent where the source does not say: a file, or a provider that reports money only. */
  readonly usage?: readonly BillUsage[];
}

/** Days of a report, milliseconds since the epoch; the end is not included. */
export interface BillPeriod {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How the bill of one provider is got: a provider author fills this in and adds one line to index.ts. */
export interface BillSource {
  /** `gen_ai.provider.name` in the ledger. */
  readonly provider: string;
  /** Where the API is, and the variable that holds the user's key for it; absent where there is only the file. */
  readonly api?: { readonly baseUrl: string; readonly keyVariable: string };
  /** How a person gets the file, where that is not the export of the cost page. */
  readonly fileHelp?: string;
  /** Reads the bill from the API. */
  fetch?(api: BillApi, period: BillPeriod): Promise<Bill>;
  /** Reads what a person exported: the parsed JSON of the API's answers, or the rows of a CSV. */
  readFile(content: BillFile): Bill;
}

/** An exported file. */
export type BillFile =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'csv'; readonly rows: readonly Readonly<Record<string, string>>[] };

/** Asks the provider. */
export interface BillApi {
  readonly key: string;
  /** The parsed answer to a GET. */
  get(
    path: string,
    query: readonly (readonly [string, string])[],
    headers: Readonly<Record<string, string>>,
  ): Promise<Fields>;
}

/** An object of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

export const readFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
export const readItems = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map(readFields) : [];
export const readName = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
export const readCount = (value: unknown): number => {
  const count = Number(value ?? 0);
  return Number.isFinite(count) && count > 0 ? Math.round(count) : 0;
};

/** An amount of a bill, `12.34` or `"1234.5"` of the unit; throws where it is none: a bill with a hole is no bill. */
export function readAmount(value: unknown, unitsPerUsd = 1): bigint {
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof amount !== 'number' || !Number.isFinite(amount))
    throw malformed(`an amount is ${JSON.stringify(value) ?? 'missing'}`);
  return BigInt(usdToPicoUsd(amount / unitsPerUsd));
}

/** Refuses a currency that is not USD. */
export function checkCurrency(currency: unknown): void {
  if (currency === undefined || String(currency).toUpperCase() === 'USD') return;
  throw malformed(`an amount is in ${String(currency)}, the ledger in USD`);
}

export const malformed = (what: string): CliError =>
  new CliError(`the bill cannot be read: ${what}`, {
    fix: 'name an export of the provider’s cost page, or the JSON of its cost API',
    exitCode: EXIT.FAILED,
  });

/** UTC day of a Unix time in seconds or of a text that begins with a day. */
export function readDay(value: unknown): string {
  const day =
    typeof value === 'number' ? new Date(value * 1000).toJSON()?.slice(0, 10) : String(value).slice(0, 10);
  if (day !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  throw malformed(`a day is ${JSON.stringify(value) ?? 'missing'}`);
}

/** Pages of an answer in a file: one, several in a list, or a list of them as `jq -s` makes it. */
export const readPages = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map(readFields) : [readFields(value)];

const MAX_PAGES = 1_000;

/** All pages of an answer with `has_more` and `next_page`. */
export async function fetchPages(
  api: BillApi,
  path: string,
  request: {
    readonly query: readonly (readonly [string, string])[];
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<Fields[]> {
  const pages: Fields[] = [];
  let next: string | undefined;
  do {
    const query = next === undefined ? request.query : [...request.query, ['page', next] as const];
    const page = await api.get(path, query, request.headers);
    pages.push(page);
    const following = page.has_more === true ? readName(page.next_page) : undefined;
    if (following !== undefined && following === next) throw malformed('a page names itself as the next');
    next = following;
  } while (next !== undefined && pages.length < MAX_PAGES);
  return pages;
}
