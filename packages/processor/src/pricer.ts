import type { Config } from '@costspan/config';
import { createPricer, type Pricer } from '@costspan/pricing';

/** The pricer of the configuration's `prices`; throws a RangeError that names the entry when one is impossible. */
export function createConfiguredPricer({ prices }: Config): Pricer {
  return createPricer({
    contract: prices,
    ...(prices.table === undefined ? {} : { table: prices.table }),
  });
}

/** A pricer whose prices can change while it is in use: what was priced stays, what comes is priced by the new ones. */
export class ReloadablePricer implements Pricer {
  #current: Pricer;

  constructor(config: Config) {
    this.#current = createConfiguredPricer(config);
  }

  /** Takes the prices of another config, as `loadConfig` gives it; throws and keeps the old ones when they are impossible. */
  reload(config: Config): void {
    this.#current = createConfiguredPricer(config);
  }

  readonly price: Pricer['price'] = (usage, query) => this.#current.price(usage, query);
  readonly describe: Pricer['describe'] = (query) => this.#current.describe(query);
}
