import { expect, it } from 'vitest';
import { Tenants } from '../src/calls/tenants.ts';
import { Births } from '../src/series/births.ts';
import { call, createRandom } from './records.ts';

const TOP = 4;

it.each([1, 2, 3, 4])(
  'the dearest have series of their own, as if all were compared each time (seed %i)',
  (seed) => {
    const random = createRandom(seed);
    const births = new Births({ seriesPerMetric: 1_000, maxHoldMs: 0, maxHeld: 0 });
    const tenants = new Tenants(births, { allow: ['listed'], top: TOP });
    const totals = new Map<string, number>();
    const dearest = new Set<string>();
    let overtaken = 0;
    for (let step = 0; step < 3_000; step += 1) {
      const tenant = random() < 0.1 ? 'listed' : `t${Math.floor(random() ** 2 * 30)}`;
      const costPicoUsd = Math.floor(random() ** 3 * 1e12);
      let expected = tenant;
      if (tenant !== 'listed') {
        const total = (totals.get(tenant) ?? 0) + costPicoUsd;
        totals.set(tenant, total);
        if (!dearest.has(tenant)) {
          const [cheapest = ''] = [...dearest].sort((a, b) => totals.get(a)! - totals.get(b)!);
          if (dearest.size < TOP) dearest.add(tenant);
          else if (totals.get(cheapest)! < total) {
            dearest.delete(cheapest);
            dearest.add(tenant);
            overtaken += 1;
          } else expected = 'other';
        }
      }
      expect(tenants.place(call({ tenant, costPicoUsd }))?.labels, `step ${step}`).toEqual([expected]);
    }
    expect(overtaken).toBeGreaterThan(5);
  },
);
