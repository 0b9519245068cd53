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

const create = (top: number) =>
  new Tenants(new Births({ seriesPerMetric: 1_000, maxHoldMs: 0, maxHeld: 0 }), { allow: [], top });
const place = (tenants: Tenants, tenant: string, costPicoUsd: number) =>
  tenants.place(call({ tenant, costPicoUsd }))?.labels[0];

it('who is as dear as the cheapest of the dearest does not take its place', () => {
  const tenants = create(2);
  expect([place(tenants, 'a', 5), place(tenants, 'b', 5), place(tenants, 'c', 5)]).toEqual([
    'a',
    'b',
    'other',
  ]);
  // Of two that are equally cheap the one that came first goes.
  expect([place(tenants, 'c', 1), place(tenants, 'b', 1), place(tenants, 'a', 0)]).toEqual([
    'c',
    'b',
    'other',
  ]);
});

it('a restart changes nothing of who is one of the dearest', () => {
  const random = createRandom(5);
  const steady = create(3);
  let restarted = create(3);
  for (let step = 0; step < 500; step += 1) {
    const [tenant, cost] = [`t${Math.floor(random() * 12)}`, Math.floor(random() ** 3 * 1e12)];
    const state = restarted.readState();
    restarted = create(3);
    restarted.restore(state);
    expect(place(restarted, tenant, cost), `step ${step}`).toBe(place(steady, tenant, cost));
  }
});

it('of more than 100,000 the further ones are not told apart, and what they cost is in other', () => {
  const tenants = create(2);
  for (let index = 0; index < 100_000; index += 1) place(tenants, `t${index}`, 1);
  expect(place(tenants, 'late', 1e9)).toBe('other');
  expect(place(tenants, 't99999', 1e9)).toBe('t99999');
});
