import { describe, expect, it } from 'vitest';
import type { BudgetPeriod } from '../src/budget.ts';
import { isTimeZone, periodAt } from '../src/period.ts';

/** The period as ISO texts and its length in hours. */
function show(period: BudgetPeriod, timezone: string, at: string): [string, string, number] {
  const { startMs, endMs } = periodAt({ period, timezone }, Date.parse(at));
  const iso = (ms: number) => new Date(ms).toISOString().replace(':00.000Z', 'Z');
  return [iso(startMs), iso(endMs), (endMs - startMs) / 3_600_000];
}

describe('periodAt', () => {
  it.each<[string, BudgetPeriod, string, string, [string, string, number]]>([
    ['a day of UTC', 'day', 'UTC', '2026-11-22T03:00Z', ['2026-11-22T00:00Z', '2026-11-23T00:00Z', 24]],
    ['its first instant', 'day', 'UTC', '2026-11-22T00:00Z', ['2026-11-22T00:00Z', '2026-11-23T00:00Z', 24]],
    [
      'a day that the zone has begun before UTC',
      'day',
      'Asia/Kolkata',
      '2026-11-21T19:00Z',
      ['2026-11-21T18:30Z', '2026-11-22T18:30Z', 24],
    ],
    [
      'the short day of spring',
      'day',
      'Europe/Berlin',
      '2026-03-29T10:00Z',
      ['2026-03-28T23:00Z', '2026-03-29T22:00Z', 23],
    ],
    [
      'the long day of autumn',
      'day',
      'Europe/Berlin',
      '2026-10-25T10:00Z',
      ['2026-10-24T22:00Z', '2026-10-25T23:00Z', 25],
    ],
    [
      'the second of two equal hours',
      'day',
      'Europe/Berlin',
      '2026-10-25T01:30Z',
      ['2026-10-24T22:00Z', '2026-10-25T23:00Z', 25],
    ],
    [
      'a change of half an hour',
      'day',
      'Australia/Lord_Howe',
      '2026-10-03T20:00Z',
      ['2026-10-03T13:30Z', '2026-10-04T13:00Z', 23.5],
    ],
    [
      'a day whose clock changes two hours before its end',
      'day',
      'America/Nuuk',
      '2026-03-28T12:00Z',
      ['2026-03-28T02:00Z', '2026-03-29T01:00Z', 23],
    ],
    [
      'the day after it',
      'day',
      'America/Nuuk',
      '2026-10-25T12:00Z',
      ['2026-10-25T02:00Z', '2026-10-26T02:00Z', 24],
    ],
    [
      'a midnight that does not exist',
      'day',
      'America/Sao_Paulo',
      '2018-11-04T12:00Z',
      ['2018-11-04T03:00Z', '2018-11-05T02:00Z', 23],
    ],
    [
      'a midnight that comes twice',
      'day',
      'America/Havana',
      '2026-11-01T12:00Z',
      ['2026-11-01T04:00Z', '2026-11-02T05:00Z', 25],
    ],
    [
      'a clock set back into yesterday',
      'day',
      'America/St_Johns',
      '2006-10-29T02:40Z',
      ['2006-10-29T02:30Z', '2006-10-30T03:30Z', 25],
    ],
    [
      'a day that the zone skipped',
      'day',
      'Pacific/Apia',
      '2011-12-30T09:59Z',
      ['2011-12-29T10:00Z', '2011-12-30T10:00Z', 24],
    ],
    [
      'a week, Monday first',
      'week',
      'UTC',
      '2026-11-22T23:59Z',
      ['2026-11-16T00:00Z', '2026-11-23T00:00Z', 168],
    ],
    [
      'a week over the change of clocks',
      'week',
      'America/New_York',
      '2026-03-08T12:00Z',
      ['2026-03-02T05:00Z', '2026-03-09T04:00Z', 167],
    ],
    [
      'a month of 28 days',
      'month',
      'UTC',
      '2026-02-28T23:59Z',
      ['2026-02-01T00:00Z', '2026-03-01T00:00Z', 28 * 24],
    ],
    [
      'a leap February',
      'month',
      'UTC',
      '2028-02-29T23:59Z',
      ['2028-02-01T00:00Z', '2028-03-01T00:00Z', 29 * 24],
    ],
    [
      'no leap February in 2100',
      'month',
      'UTC',
      '2100-02-28T23:59Z',
      ['2100-02-01T00:00Z', '2100-03-01T00:00Z', 28 * 24],
    ],
    [
      'a month of 30 days',
      'month',
      'UTC',
      '2026-04-30T12:00Z',
      ['2026-04-01T00:00Z', '2026-05-01T00:00Z', 30 * 24],
    ],
    [
      'a month that has not begun in the zone',
      'month',
      'America/Los_Angeles',
      '2026-12-01T07:59Z',
      ['2026-11-01T07:00Z', '2026-12-01T08:00Z', 30 * 24 + 1],
    ],
    [
      'a month over the change of clocks',
      'month',
      'Europe/Berlin',
      '2026-03-31T21:59Z',
      ['2026-02-28T23:00Z', '2026-03-31T22:00Z', 31 * 24 - 1],
    ],
    [
      'a December',
      'month',
      'Europe/Berlin',
      '2026-12-31T22:59Z',
      ['2026-11-30T23:00Z', '2026-12-31T23:00Z', 31 * 24],
    ],
    [
      'a quarter',
      'quarter',
      'Europe/Berlin',
      '2026-06-30T21:59Z',
      ['2026-03-31T22:00Z', '2026-06-30T22:00Z', 91 * 24],
    ],
    [
      'the last quarter',
      'quarter',
      'UTC',
      '2026-11-22T00:00Z',
      ['2026-10-01T00:00Z', '2027-01-01T00:00Z', 92 * 24],
    ],
    ['a leap year', 'year', 'UTC', '2028-12-31T23:59Z', ['2028-01-01T00:00Z', '2029-01-01T00:00Z', 366 * 24]],
  ])('%s', (_name, period, timezone, at, expected) => {
    expect(show(period, timezone, at)).toEqual(expected);
  });

  it('lays periods end to end, each instant in exactly one, in zones of every kind', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/St_Johns',
      'America/Sao_Paulo',
      'Pacific/Apia',
      'Africa/Casablanca',
    ];
    for (const timezone of zones) {
      for (const period of ['day', 'week', 'month'] as const) {
        let { startMs, endMs } = periodAt({ period, timezone }, Date.parse('2006-01-01T00:00Z'));
        for (let count = 0; count < 400; count++) {
          expect(periodAt({ period, timezone }, endMs - 1)).toEqual({ startMs, endMs });
          const next = periodAt({ period, timezone }, endMs);
          expect(next.startMs).toBe(endMs);
          expect(next.endMs).toBeGreaterThan(endMs);
          ({ startMs, endMs } = next);
        }
      }
    }
  });

  it('refuses what is not an instant or a zone', () => {
    const budget = { period: 'day', timezone: 'UTC' } as const;
    expect(() => periodAt(budget, Number.NaN)).toThrow(
      new RangeError('periodAt: NaN is not an instant in milliseconds'),
    );
    expect(() => periodAt(budget, 8.7e15)).toThrow(RangeError);
    expect(() => periodAt({ period: 'day', timezone: 'Mars/Olympus' }, 0)).toThrow(RangeError);
  });
});

describe('isTimeZone', () => {
  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['Europe/Berlim', false],
    ['+01:00', false],
    ['', false],
  ])('%j is %j', (name, expected) => {
    expect(isTimeZone(name)).toBe(expected);
  });
});
