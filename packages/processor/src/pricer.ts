import type { Config } from '@costspan/config';
import { createPricer, type Pricer } from '@costspan/pricing';

/** The pricer of the configuration's `prices`; throws a RangeError that names the entry when one is impossible. */
export function createConfiguredPricer({ prices }: Pick<Config, 'prices'>): Pricer {
  return createPricer({
    contract: prices,
    ...(prices.table === undefined ? {} : { table: prices.table }),
  });
}
