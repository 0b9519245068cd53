/** What money is kept by, in the order of the columns. Beside these by hour. */
export const LEDGER_LABELS = [
  'service',
  'environment',
  'feature',
  'task',
  'user_tier',
  'tenant',
  'provider',
  'model',
  'mode',
  'operation',
  'cost_source',
  'outcome',
] as const;
/** One of {@link LEDGER_LABELS}. */
export type LedgerLabel = (typeof LEDGER_LABELS)[number];

/** Values of {@link LEDGER_LABELS}. `outcome` is the task's, `unsettled` until there is one, `untasked` outside of any. */
export type LedgerLabels = readonly string[];

/** What is counted. */
export const LEDGER_COUNTS = [
  'calls',
  'unpriced_calls',
  'tasks',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const;
export type LedgerCount = (typeof LEDGER_COUNTS)[number];

/** What is summed; every one is a whole number. Money in two columns: whole micro-USD and the pico-USD that are left. */
export const LEDGER_AMOUNTS = [
  ...LEDGER_COUNTS,
  'list_micro_usd',
  'list_rest_pico_usd',
  'cost_micro_usd',
  'cost_rest_pico_usd',
] as const;
export type LedgerAmount = (typeof LEDGER_AMOUNTS)[number];

/** Where the count of tasks stands among the amounts. */
export const TASKS_AT = LEDGER_AMOUNTS.indexOf('tasks');

/** Makes amounts those of so many tasks and nothing else; the array's own `fill` takes longer than so few of them. */
export function putTasks(amounts: Float64Array, count: number): void {
  for (let index = 0; index < amounts.length; index += 1) amounts[index] = index === TASKS_AT ? count : 0;
}

/** Values of {@link LEDGER_AMOUNTS}. */
export type LedgerAmounts = readonly number[];

const PICO_PER_MICRO = 1_000_000;

/** A sum in its two columns: a 64-bit integer holds nine million dollars of pico-USD, which is too little. */
export const wholeMicroUsd = (picoUsd: number): number => Math.trunc(picoUsd / PICO_PER_MICRO);
export const restPicoUsd = (picoUsd: number): number => picoUsd % PICO_PER_MICRO;
export const joinPicoUsd = (microUsd: bigint, restPicoUsd: bigint): bigint =>
  microUsd * BigInt(PICO_PER_MICRO) + restPicoUsd;

export const HOUR_MS = 3_600_000;
export const hourOf = (atMs: number): number => Math.floor(atMs / HOUR_MS) * HOUR_MS;

/** Amounts for one hour and one set of labels. */
export interface Posting {
  readonly hourMs: number;
  readonly labels: LedgerLabels;
  readonly amounts: LedgerAmounts;
}
