import { LEDGER_DIMENSIONS, type LedgerDimension, type LedgerQuery } from './reader.js';
import { HOUR_MS, hourOf, LEDGER_LABELS, type LedgerLabel } from './row.js';

/** What somebody asked for, as text; see {@link parseLedgerQuery}. */
export interface LedgerQueryText {
  /** `2026-10-05` or `2026-10-05T14:00Z`, UTC; within an hour, its start. Default: the start of the current month. */
  readonly from?: string | undefined;
  /** Not included; within an hour, its end. Default: now. */
  readonly to?: string | undefined;
  /** `2026-10`, in place of both. */
  readonly month?: string | undefined;
  /** Names with commas between. */
  readonly by?: string | undefined;
  /** Conditions, `feature=chat`. */
  readonly where?: readonly string[] | undefined;
}

/** A question that cannot be answered: what is wrong with it, and what to ask instead. */
export class LedgerQueryError extends Error {
  override readonly name = 'LedgerQueryError';
  readonly fix: string;
  constructor(message: string, options: { fix: string }) {
    super(message);
    this.fix = options.fix;
  }
}

/** Parses a question to the ledger; throws a {@link LedgerQueryError}. */
export function parseLedgerQuery(text: LedgerQueryText, nowMs: number): LedgerQuery {
  const { fromMs, toMs } = parsePeriod(text, nowMs);
  if (!(fromMs < toMs))
    throw new LedgerQueryError('the period ends before it begins', { fix: 'put from before to' });
  return {
    fromMs,
    toMs,
    by: parseBy(text.by),
    where: parseWhere(text.where ?? []),
  };
}

function parsePeriod({ from, to, month }: LedgerQueryText, nowMs: number): { fromMs: number; toMs: number } {
  if (month === undefined) {
    const now = new Date(nowMs);
    const thisMonthMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
    return {
      // The ledger has whole hours: those that the period touches. From 10:18 on, what was at 10:20 is part of it.
      fromMs: from === undefined ? thisMonthMs : hourOf(parseInstant(from)),
      toMs: to === undefined ? nowMs : hourOf(parseInstant(to) + HOUR_MS - 1),
    };
  }
  if (from !== undefined || to !== undefined)
    throw new LedgerQueryError('a month is a period by itself', { fix: 'leave out from and to, or month' });
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month);
  if (match === null)
    throw new LedgerQueryError(`${JSON.stringify(month)} is not a month`, {
      fix: 'write for example 2026-10',
    });
  const [year, number] = [Number(match[1]), Number(match[2])];
  return { fromMs: Date.UTC(year, number - 1), toMs: Date.UTC(year, number) };
}

function parseInstant(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.exec(text);
  const atMs = match === null ? Number.NaN : Date.parse(match[2] === undefined ? `${text}T00:00Z` : text);
  // The 30th of February would become the 2nd of March.
  const isDay = !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(match?.[1] ?? ' ');
  if (isDay) return atMs;
  throw new LedgerQueryError(`${JSON.stringify(text)} is not a day or an instant in UTC`, {
    fix: 'write for example 2026-10-05 or 2026-10-05T14:00Z',
  });
}

function parseBy(text: string | undefined): LedgerDimension[] {
  if (text === undefined || text === '') return [];
  return [...new Set(text.split(','))].map((name) => {
    const known = LEDGER_DIMENSIONS.find((dimension) => dimension === name.trim());
    if (known !== undefined) return known;
    throw new LedgerQueryError(`there is no ${JSON.stringify(name.trim())} to report by`, {
      fix: `use one or more of ${LEDGER_DIMENSIONS.join(', ')}`,
    });
  });
}

function parseWhere(texts: readonly string[]): Partial<Record<LedgerLabel, string>> {
  const where: Partial<Record<LedgerLabel, string>> = {};
  for (const [label, value] of texts.map(parseCondition)) {
    // All must hold, and a call has one value of each: the last one alone would be another question.
    if (Object.hasOwn(where, label) && where[label] !== value)
      throw new LedgerQueryError(`there are two conditions on ${label}`, {
        fix: `ask for each by itself, or report by ${label}`,
      });
    where[label] = value;
  }
  return where;
}

function parseCondition(text: string): [LedgerLabel, string] {
  const [name, ...value] = text.split('=');
  const label = LEDGER_LABELS.find((known) => known === name);
  if (label !== undefined && value.length > 0) return [label, value.join('=')];
  throw new LedgerQueryError(`${JSON.stringify(text)} is no condition`, {
    fix: `write for example feature=chat; the names are ${LEDGER_LABELS.join(', ')}`,
  });
}
