import { BILLED_UNITS, PRICE_MODES } from '@costspan/semconv';

/** One thing that is wrong with a price table. */
export interface PriceTableProblem {
  /** Place in the document: `cards[0].models[3].rates[0].rates.input`. */
  readonly path: string;
  /** The value and the rule that it breaks. */
  readonly message: string;
}

/** Looks at one value and reports what is wrong with it. */
export type Check = (value: unknown, path: string, problems: PriceTableProblem[]) => void;

const MAX_SHOWN_CHARS = 60;

function report(problems: PriceTableProblem[], path: string, value: unknown, rule: string): void {
  const shown = value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value));
  const message = `${shown.length > MAX_SHOWN_CHARS ? `${shown.slice(0, MAX_SHOWN_CHARS)}…` : shown}: ${rule}`;
  problems.push({ path, message });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value with a rule in words. */
const satisfies =
  (test: (value: unknown) => boolean, rule: string): Check =>
  (value, path, problems) => {
    if (!test(value)) report(problems, path, value, rule);
  };

const list =
  (check: Check): Check =>
  (value, path, problems) => {
    if (!Array.isArray(value)) return report(problems, path, value, 'must be a list');
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, problems);
  };

/** A map from names to values. */
const record =
  (check: Check, isName: (name: string) => boolean = () => true): Check =>
  (value, path, problems) => {
    if (!isObject(value)) return report(problems, path, value, 'must be a map');
    for (const [name, item] of Object.entries(value)) {
      if (isName(name)) check(item, `${path}.${name}`, problems);
      else report(problems, path, name, 'is no name that is known here');
    }
  };

/** A map with known keys; a key with a `?` may be absent. */
const shape =
  (fields: Readonly<Record<string, Check>>, also?: Check): Check =>
  (value, path, problems) => {
    if (!isObject(value)) return report(problems, path, value, 'must be a map');
    const before = problems.length;
    for (const [key, check] of Object.entries(fields)) {
      const name = key.replace('?', '');
      if (Object.hasOwn(value, name)) check(value[name], `${path}.${name}`, problems);
      else if (!key.endsWith('?')) report(problems, `${path}.${name}`, undefined, 'must be there');
    }
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name) && !Object.hasOwn(fields, `${name}?`))
        report(problems, path, name, `is no key here; the keys are ${Object.keys(fields).join(' ')}`);
    }
    if (problems.length === before) also?.(value, path, problems);
  };

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.length <= 2_048;
const text = satisfies(isText, 'must be a text of 1 to 2048 characters');
const flag = satisfies((value) => typeof value === 'boolean', 'must be true or false');
const isDay = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-\d{2}-\d{2}$/.test(value) &&
  new Date(`${value}T00:00Z`).toJSON()?.startsWith(value) === true;
const day = satisfies(isDay, 'must be a day, 2026-03-01');
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const count = satisfies(isCount, 'must be a whole number from 0 to 2^53 - 1');
const isPositive = (value: unknown): boolean => isCount(value) && (value as number) > 0;
const positive = satisfies(isPositive, 'must be a whole number above 0');
const fraction = satisfies(
  (value) => Array.isArray(value) && value.length === 2 && value.every(isPositive),
  'must be two whole numbers above 0, [numerator, denominator]',
);
const window = satisfies(
  (value) =>
    Array.isArray(value) && value.length === 2 && value.every((minute) => isCount(minute) && minute <= 1_440),
  'must be two minutes of the day, [start, end]',
);
const weekday = satisfies(
  (value) => isCount(value) && (value as number) <= 6,
  'must be a day of the week, 0 (Sunday) to 6',
);
const pattern = satisfies((value) => {
  if (!isText(value)) return false;
  try {
    return new RegExp(value as string) !== undefined;
  } catch {
    return false;
  }
}, 'must be a regular expression');
const longContext = satisfies((value) => value === 'flat' || value === 'none', 'must be "flat" or "none"');
const isMode = (name: string): boolean => PRICE_MODES.some((mode) => mode === name);
const mode = satisfies(
  (value) => typeof value === 'string' && isMode(value),
  `must be one of ${PRICE_MODES.join(', ')}`,
);
const isUnit = (name: string): boolean => BILLED_UNITS.some((unit) => unit === name.split(' ', 1)[0]);

const isTtl = (name: string): boolean => ['5m', '30m', '1h', '12h'].includes(name);

const RATE_NAMES: readonly string[] = [
  'input',
  'output',
  'outputReasoning',
  'cacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite30m',
  'cacheWrite1h',
  'cacheWrite12h',
  'inputAudio',
  'inputImage',
  'inputVideo',
  'cacheReadAudio',
  'cacheReadImage',
  'outputAudio',
  'outputImage',
  'outputVideo',
  'request',
];
const rates = record(count, (name) => RATE_NAMES.includes(name));
const modes = record(
  shape({ by: fraction, 'cacheRead?': fraction, 'longContext?': longContext, 'estimated?': text }),
  isMode,
);
const unit = shape({ picoUsd: count, 'per?': positive, 'minimum?': count });

/** Tiers have every rate of the row, or a call would lose one by being longer. */
const areTiersComplete: Check = (value, path, problems) => {
  const dated = value as { rates: object; tiers?: readonly { minInputTokens: number; rates: object }[] };
  const names = Object.keys(dated.rates).sort().join();
  let last = 0;
  for (const [index, tier] of (dated.tiers ?? []).entries()) {
    const place = `${path}.tiers[${index}]`;
    if (Object.keys(tier.rates).sort().join() !== names)
      report(problems, `${place}.rates`, Object.keys(tier.rates), `must have the rates ${names}`);
    if (tier.minInputTokens <= last)
      report(problems, `${place}.minInputTokens`, tier.minInputTokens, `must be above ${last}`);
    last = tier.minInputTokens;
  }
};

const dated = shape(
  {
    'from?': day,
    'dailyUtc?': window,
    'weekdaysUtc?': list(weekday),
    rates,
    'tiers?': list(shape({ minInputTokens: positive, rates })),
    'units?': record(unit, isUnit),
    'estimated?': text,
  },
  areTiersComplete,
);

const areDatesAscending: Check = (value, path, problems) => {
  const froms = (value as { rates: readonly { from?: string }[] }).rates.map(({ from }) => from ?? '');
  for (const [index, from] of froms.entries()) {
    if (from < (froms[index - 1] ?? ''))
      report(problems, `${path}.rates[${index}].from`, from, 'dates must ascend: a new rate is appended');
  }
};

const model = shape(
  {
    id: text,
    'aliases?': list(text),
    rates: list(dated),
    'modes?': modes,
    'regions?': record(fraction),
    'tools?': record(count),
    'contextWindow?': positive,
    'source?': text,
    'checked?': day,
  },
  areDatesAscending,
);

const card = shape({
  name: text,
  source: text,
  'checked?': day,
  ids: shape({ 'routes?': list(pattern), suffixes: list(pattern) }),
  'cacheWriteTtl?': satisfies((value) => isTtl(value as string), 'must be one of 5m, 30m, 1h, 12h'),
  'estimatedTtls?': record(text, isTtl),
  'cacheWriteAsInput?': flag,
  'audioAsText?': flag,
  'modes?': modes,
  'commitmentModes?': list(mode),
  'commitmentIds?': list(pattern),
  'neutralRegions?': list(text),
  'pricedRegions?': list(text),
  'tools?': record(count),
  'sellsToolsWith?': list(text),
  'estimatedTools?': record(text),
  models: list(model),
});

/** A whole price table. */
export const checkTable: Check = shape({
  format: satisfies((value) => value === 'costspan-prices/1', 'must be "costspan-prices/1"'),
  version: text,
  cards: list(card),
  'providers?': record(list(text)),
});
