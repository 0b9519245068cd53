import type { Budget, BudgetPeriod } from './budget.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** No zone is further than this from UTC, so an instant this far from a wall time lies safely on one side of it. */
const MAX_OFFSET_MS = 15 * HOUR_MS;
/** ECMAScript's own limit of a date, less two years of room for the end of the period. */
const MAX_AT_MS = 8.64e15 - 732 * DAY_MS;

/** One calendar period as instants, milliseconds since the epoch: `startMs <= t < endMs`. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** One formatter costs 50 µs and several kB to make; there are as many as zones in use. */
const formatters = new Map<string, Intl.DateTimeFormat>();
/** The last periods asked for, by zone and kind: calls come in by the thousand within one period. */
const lastPeriods = new Map<string, Partial<Record<BudgetPeriod, Period>>>();

/** Whether the name is a zone of the IANA database that this runtime knows. Offsets (`+01:00`) are not zones. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * The period of the budget that holds the instant, exact in its time zone: a day with a clock change has 23 or 25
 * hours, a month 28 to 31 days, and a day whose midnight does not exist starts where the clock jumps to.
 * Throws a RangeError when the instant is not a date or the zone is unknown.
 */
export function periodAt(
  { period: kind, timezone }: Pick<Budget, 'period' | 'timezone'>,
  atMs: number,
): Period {
  const ofZone = lastPeriods.get(timezone) ?? {};
  const last = ofZone[kind];
  if (last !== undefined && last.startMs <= atMs && atMs < last.endMs) return last;
  if (!(Math.abs(atMs) <= MAX_AT_MS))
    throw new RangeError(`periodAt: ${atMs} is not an instant in milliseconds`);
  const period = computePeriod(kind, timezone, atMs);
  lastPeriods.set(timezone, Object.assign(ofZone, { [kind]: period }));
  return period;
}

function computePeriod(period: BudgetPeriod, timezone: string, atMs: number): Period {
  const startWallMs = wallStart(period, wallClockMs(timezone, atMs));
  const startMs = instantOfWallTime(timezone, startWallMs);
  const endWallMs = nextWallStart(period, startWallMs);
  const endMs = instantOfWallTime(timezone, endWallMs);
  // A clock set back across midnight shows yesterday's date again after today has begun; today goes on.
  if (atMs < endMs) return { startMs, endMs };
  return { startMs: endMs, endMs: instantOfWallTime(timezone, nextWallStart(period, endWallMs)) };
}

/** Start of the period on the wall clock. A wall time is written as the UTC instant that shows the same digits. */
function wallStart(period: BudgetPeriod, wallMs: number): number {
  const wall = new Date(wallMs);
  const year = wall.getUTCFullYear();
  const month = wall.getUTCMonth();
  switch (period) {
    case 'day':
      return utcDate(year, month, wall.getUTCDate());
    case 'week':
      return utcDate(year, month, wall.getUTCDate() - ((wall.getUTCDay() + 6) % 7));
    case 'month':
      return utcDate(year, month, 1);
    case 'quarter':
      return utcDate(year, month - (month % 3), 1);
    case 'year':
      return utcDate(year, 0, 1);
  }
}

function nextWallStart(period: BudgetPeriod, wallStartMs: number): number {
  const wall = new Date(wallStartMs);
  const year = wall.getUTCFullYear();
  const month = wall.getUTCMonth();
  switch (period) {
    case 'day':
      return wallStartMs + DAY_MS;
    case 'week':
      return wallStartMs + 7 * DAY_MS;
    case 'month':
      return utcDate(year, month + 1, 1);
    case 'quarter':
      return utcDate(year, month + 3, 1);
    case 'year':
      return utcDate(year + 1, 0, 1);
  }
}

/** `Date.UTC` without its rule that the years 0 to 99 mean 1900 to 1999. */
function utcDate(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

/** What the clock of the zone shows at an instant, as the UTC instant with the same digits; whole seconds. */
function wallClockMs(timezone: string, atMs: number): number {
  let formatter = formatters.get(timezone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(timezone, formatter);
  }
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatter.formatToParts(atMs)) parts[type] = value;
  const year = parts.era?.startsWith('B') === true ? 1 - Number(parts.year) : Number(parts.year);
  const dayMs = utcDate(year, Number(parts.month) - 1, Number(parts.day));
  return dayMs + Number(parts.hour) * HOUR_MS + Number(parts.minute) * 60_000 + Number(parts.second) * 1000;
}

/** The first instant at which the zone's clock shows the wall time, or, where it jumps over it, a later one. */
function instantOfWallTime(timezone: string, wallMs: number): number {
  const beforeMs = wallMs - MAX_OFFSET_MS;
  const afterMs = wallMs + MAX_OFFSET_MS;
  const offsetBeforeMs = wallClockMs(timezone, beforeMs) - beforeMs;
  const offsetAfterMs = wallClockMs(timezone, afterMs) - afterMs;
  const candidates = [wallMs - offsetBeforeMs, wallMs - offsetAfterMs].sort((a, b) => a - b);
  const shown = candidates.find((atMs) => wallClockMs(timezone, atMs) === wallMs);
  return shown ?? findJump(timezone, wallMs, { fromMs: candidates[0]!, toMs: candidates[1]! });
}

/** The instant at which the clock jumps over the wall time, by halving: before it the clock shows less, then more. */
function findJump(timezone: string, wallMs: number, range: { fromMs: number; toMs: number }): number {
  let low = Math.floor(range.fromMs / 1000) - 1;
  let high = Math.ceil(range.toMs / 1000);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallClockMs(timezone, middle * 1000) < wallMs) low = middle;
    else high = middle;
  }
  return high * 1000;
}
