/**
 * The one file that divides, rounds and formats money.
 * One unit everywhere: whole pico-USD (1e-12 USD). A list price of 1 USD per million tokens is exactly
 * 1,000,000 pico-USD per token, so list prices and token counts multiply without any rounding.
 */

/** Pico-USD in one US dollar. */
export const PICO_USD_PER_USD = 1e12;

/** Pico-USD per token that one USD per million tokens makes. */
const PICO_USD_PER_USD_PER_MTOK = 1e6;

/** Limit of one call, 9,000 USD: above it a `number` could no longer hold every whole pico-USD. Sums are `bigint`. */
export const MAX_CALL_PICO_USD = 9_000 * PICO_USD_PER_USD;

if (MAX_CALL_PICO_USD > Number.MAX_SAFE_INTEGER) {
  throw new RangeError('MAX_CALL_PICO_USD must be a safe integer');
}

const PICO_DIGITS = 12;

/** Up to it, a division is off by less than half of what a quotient must miss a whole number by, so none is rounded up to one. */
const EXACT_DIVISION_LIMIT = 2 ** 52;

/** Pico-USD to USD as a double, the nearest one: for span attributes and metrics, never for sums. */
export function picoUsdToUsd(picoUsd: number): number {
  return picoUsd / PICO_USD_PER_USD;
}

/**
 * USD to whole pico-USD, the nearest; half away from zero.
 * Exact for every double that {@link picoUsdToUsd} made of an amount up to {@link MAX_CALL_PICO_USD}.
 * @throws RangeError when `usd` is not finite.
 */
export function usdToPicoUsd(usd: number): number {
  if (!Number.isFinite(usd)) throw new RangeError(`usd must be finite, got ${usd}`);
  return Math.sign(usd) * Math.round(Math.abs(usd) * PICO_USD_PER_USD) + 0;
}

/** Pico-USD as exact decimal text in USD, without trailing zeros: `1500000n` is `0.0000015`. */
export function picoUsdToUsdText(picoUsd: bigint): string {
  const digits = (picoUsd < 0n ? -picoUsd : picoUsd).toString().padStart(PICO_DIGITS + 1, '0');
  const whole = digits.slice(0, -PICO_DIGITS);
  const fraction = digits.slice(-PICO_DIGITS).replace(/0+$/, '');
  return `${picoUsd < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * Pico-USD for people, rounded half away from zero: `$1,234.57`; four decimals below one dollar,
 * six below one cent, `<$0.000001` where nothing would be left.
 */
export function formatUsd(picoUsd: number | bigint): string {
  const exact = BigInt(picoUsd);
  const size = exact < 0n ? -exact : exact;
  const sign = exact < 0n ? '-' : '';
  if (size > 0n && size < 500_000n) return `${sign}<$0.000001`;
  const decimals = size === 0n || size >= 10n ** 12n ? 2 : size >= 10n ** 10n ? 4 : 6;
  const unit = 10n ** BigInt(PICO_DIGITS - decimals);
  const units = ((size + unit / 2n) / unit).toString().padStart(decimals + 1, '0');
  const whole = units.slice(0, -decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}$${whole}.${units.slice(-decimals)}`;
}

/**
 * `picoUsd × numerator / denominator`, whole, rounded half up: the only rounding between a rate and an amount.
 * Multipliers (mode, region, discount) are fractions, so that it happens once per part of a cost.
 */
export function scalePicoUsd(picoUsd: number, numerator: number, denominator: number): number {
  if (numerator === denominator || picoUsd === 0) return picoUsd;
  const product = picoUsd * numerator;
  if (product > EXACT_DIVISION_LIMIT) {
    const exact = BigInt(picoUsd) * BigInt(numerator);
    const divisor = BigInt(denominator);
    return Number((exact + divisor / 2n) / divisor);
  }
  // The remainder is exact. (`%` is three times slower.)
  const quotient = Math.floor(product / denominator);
  const remainder = product - quotient * denominator;
  return remainder * 2 >= denominator ? quotient + 1 : quotient;
}

/**
 * USD per million tokens to pico-USD per token, the nearest whole one.
 * @throws RangeError when the price is negative, not finite or too large to be one.
 */
export function usdPerMtokToPicoUsd(usdPerMtok: number): number {
  const picoUsd = Math.round(usdPerMtok * PICO_USD_PER_USD_PER_MTOK);
  if (!Number.isSafeInteger(picoUsd) || usdPerMtok < 0) {
    throw new RangeError(`a price in USD per million tokens must be a number >= 0, got ${usdPerMtok}`);
  }
  return picoUsd;
}

/** A rate, pico-USD per token, times a fraction, as exact decimal text in USD per million tokens. */
export function formatUsdPerMtok(picoUsdPerToken: number, numerator: number, denominator: number): string {
  const picoUsdPerMtok = BigInt(picoUsdPerToken) * 1_000_000n * BigInt(numerator);
  return picoUsdToUsdText(picoUsdPerMtok / BigInt(denominator));
}
