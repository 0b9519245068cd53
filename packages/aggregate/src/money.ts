/** A sum of pico-USD as USD for a metric. A double keeps 1e-10 USD at a million dollars; sums themselves stay integers. */
export const sumToUsd = (picoUsd: bigint): number => Number(picoUsd) / 1e12;
