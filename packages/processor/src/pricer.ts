import type { ReadOptions } from '@costspan/aggregate';
import type { Config } from '@costspan/config';

export function createPricer(_config: Config): ReadOptions['price'] {
  return () => ({ status: 'unpriced', reason: 'unknown_model' });
}
