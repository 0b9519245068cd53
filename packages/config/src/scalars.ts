import { isTimeZone } from '@costspan/budgets';
import { findClosest } from './closest.js';
import { describeValue, report, reportType, type Shape } from './shape.js';

const MAX_TEXT_CHARS = 200;

/** A text of 1 to 200 characters without control characters: it may become a label value. */
export function text(example: string): Shape<string> {
  return {
    schema: { type: 'string', minLength: 1, maxLength: MAX_TEXT_CHARS },
    example,
    parse(place) {
      const value = place.tree.kind === 'scalar' ? place.tree.value : undefined;
      if (typeof value !== 'string') {
        const quoted = typeof value === 'number' || typeof value === 'boolean' ? `"${value}"` : example;
        return reportType(place, 'a text', quoted);
      }
      if (value !== '' && value.length <= MAX_TEXT_CHARS && !/\p{Cc}/u.test(value)) return value;
      return report(place, {
        code: 'COSTSPAN_CONFIG_WRONG_VALUE',
        message: `${describeValue(value)} is not a text of 1 to ${MAX_TEXT_CHARS} characters without control characters`,
        fix: `write for example ${example}`,
      });
    },
  };
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): Shape<T> {
  const example = words[0]!;
  return {
    schema: { enum: words },
    example,
    parse(place) {
      const value = place.tree.kind === 'scalar' ? place.tree.value : undefined;
      const word = words.find((candidate) => candidate === value);
      if (word !== undefined) return word;
      if (typeof value !== 'string') return reportType(place, `one of ${words.join(', ')}`, example);
      return report(place, {
        code: 'COSTSPAN_CONFIG_WRONG_VALUE',
        message: `${describeValue(value)} is not one of ${words.join(', ')}`,
        fix: `write ${findClosest(value, words) ?? `one of ${words.join(', ')}`}`,
      });
    },
  };
}

/** Bounds of a number, both inclusive. */
export interface NumberBounds {
  readonly minimum: number;
  readonly maximum: number;
  /** Decimals at most: what is finer would be rounded away in silence. 0 for whole numbers. */
  readonly decimals: number;
}

/** A finite number within its bounds. */
export function number(example: number, bounds: NumberBounds): Shape<number> {
  const { minimum, maximum, decimals } = bounds;
  const isInteger = decimals === 0;
  const expected = isInteger ? 'a whole number' : 'a number';
  return {
    schema: { type: isInteger ? 'integer' : 'number', minimum, maximum },
    example: String(example),
    parse(place) {
      const value = place.tree.kind === 'scalar' ? place.tree.value : undefined;
      if (typeof value !== 'number') return reportType(place, expected, String(example));
      if (value >= minimum && value <= maximum && Number(value.toFixed(decimals)) === value) {
        return value;
      }
      return report(place, {
        code: 'COSTSPAN_CONFIG_WRONG_VALUE',
        message: `${value} is not ${expected} from ${minimum} to ${maximum}${isInteger ? '' : ` with at most ${decimals} decimals`}`,
        fix: `write for example ${example}`,
      });
    },
  };
}

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION_PATTERN = '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$';

/** A length of time with its unit, `10m`; in milliseconds once parsed. */
export function duration(example: string, bounds: { minimumMs: number; maximumMs: number }): Shape<number> {
  return {
    schema: { type: 'string', pattern: DURATION_PATTERN },
    example,
    parse(place) {
      const value = place.tree.kind === 'scalar' ? place.tree.value : undefined;
      if (typeof value === 'number')
        return reportType(place, 'a duration with its unit (ms, s, m, h, d)', example);
      if (typeof value !== 'string') return reportType(place, 'a duration', example);
      const [, amount, unit] = /^([0-9]+(?:\.[0-9]+)?)([a-z]+)$/.exec(value) ?? [];
      const durationMs = Math.round(Number(amount) * (DURATION_UNITS_MS[unit ?? ''] ?? Number.NaN));
      if (durationMs >= bounds.minimumMs && durationMs <= bounds.maximumMs) return durationMs;
      const range = `${renderDuration(bounds.minimumMs)} to ${renderDuration(bounds.maximumMs)}`;
      return report(place, {
        code: 'COSTSPAN_CONFIG_WRONG_VALUE',
        message: `${describeValue(value)} is not a duration from ${range} in ms, s, m, h or d`,
        fix: `write for example ${example}`,
      });
    },
  };
}

/** A duration as one would write it: the largest unit that divides it. */
function renderDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  const units = Object.entries(DURATION_UNITS_MS).reverse();
  const [unit, unitMs] = units.find(([, ms]) => durationMs % ms === 0) ?? ['ms', 1];
  return `${durationMs / unitMs}${unit}`;
}

/** The name of a time zone of the IANA database. */
export function timeZone(example: string): Shape<string> {
  return {
    schema: { type: 'string', pattern: '^[A-Za-z]' },
    example,
    parse(place) {
      const value = place.tree.kind === 'scalar' ? place.tree.value : undefined;
      if (typeof value !== 'string') return reportType(place, 'the name of a time zone', example);
      if (isTimeZone(value)) return value;
      return report(place, {
        code: 'COSTSPAN_CONFIG_WRONG_VALUE',
        message: `${describeValue(value)} is not a time zone of the IANA database`,
        fix: `write ${findClosest(value, Intl.supportedValuesOf('timeZone')) ?? `for example ${example}`}`,
      });
    },
  };
}

/** A text of its own form. */
function formed(
  example: string,
  form: { readonly pattern: string; readonly words: string; isRight(value: string): boolean },
): Shape<string> {
  return {
    schema: { type: 'string', pattern: form.pattern },
    example,
    parse(place) {
      const value = place.tree.kind === 'scalar' ? place.tree.value : undefined;
      if (typeof value !== 'string') return reportType(place, form.words, example);
      if (new RegExp(form.pattern).test(value) && form.isRight(value)) return value;
      return report(place, {
        code: 'COSTSPAN_CONFIG_WRONG_VALUE',
        message: `${describeValue(value)} is not ${form.words}`,
        fix: `write for example ${example}`,
      });
    },
  };
}

/** A day of the calendar, UTC. */
export const day = (example: string): Shape<string> =>
  formed(example, {
    pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
    words: 'a day of the calendar like 2026-03-01',
    isRight: (value) => new Date(`${value}T00:00Z`).toJSON()?.startsWith(value) === true,
  });

/** An ISO 4217 code. */
export const currencyCode = (example: string): Shape<string> =>
  formed(example, {
    pattern: '^[A-Z]{3}$',
    words: 'a currency code of three capitals',
    isRight: () => true,
  });

const MAX_PATH_CHARS = 1000;

/** The path of a file. */
export const path = (example: string): Shape<string> =>
  formed(example, {
    pattern: '^[^\\u0000-\\u001f]+$',
    words: `a path of 1 to ${MAX_PATH_CHARS} characters`,
    isRight: (value) => value.length <= MAX_PATH_CHARS,
  });

/** Where a service is, by HTTP. */
export const url = (example: string): Shape<string> =>
  formed(example, {
    pattern: '^https?://',
    words: 'an address that begins with http:// or https://',
    isRight: (value) => URL.canParse(value),
  });
