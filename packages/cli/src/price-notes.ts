import type { Config } from '@costspan/config';
import { createPricer, type Pricer } from '@costspan/pricing';
import { PROVIDER } from '@costspan/semconv';

/**
 * Entries under `prices` that change no amount, mostly for a name that was mistyped, as lines to print. They are right as
 * they stand, so this is no error: the model may be one of tomorrow.
 */
export function renderIdlePrices({ table, ...contract }: Config['prices']): string {
  const pricer = createPricer({ contract, ...(table !== undefined && { table }) });
  const notes = [
    ...contract.discounts.flatMap(({ provider, model }, index) => {
      const reason = whyUnpriced(pricer, provider, model ?? '');
      const isIdle = model === undefined ? reason === 'unknown_provider' : reason !== undefined;
      const name = model === undefined ? `the provider ${provider}` : `${model} of ${provider}`;
      return isIdle ? [`prices.discounts[${index}]: ${name} has no price to take it off`] : [];
    }),
    ...Object.entries(contract.models).flatMap(([name, model]) =>
      Object.values(PROVIDER).every((provider) => whyUnpriced(pricer, provider, model) !== undefined)
        ? [`prices.models.${name}: ${model} has no price with any provider`]
        : [],
    ),
  ];
  return notes
    .map((note) => `note: ${note}\n  fix: look it up with costspan price MODEL --provider P\n`)
    .join('');
}

function whyUnpriced(pricer: Pricer, provider: string, model: string): string | undefined {
  const price = pricer.describe({ provider, model, atMs: Date.now() });
  return price.status === 'unpriced' ? price.reason : undefined;
}
