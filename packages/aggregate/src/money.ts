/** Pico-USD as USD for a metric. A double keeps 1e-10 USD at a million dollars; sums themselves stay integers. */
export const picoUsdToUsd = (picoUsd: bigint): number => Number(picoUsd) / 1e12;

/** USD as whole pico-USD, rounded to the nearest; up to about 9000 USD. */
export const usdToPicoUsd = (usd: number): number => Math.round(usd * 1e12);
