import { expect, it } from 'vitest';
import { AttributeList } from '../../src/record/attribute-list.ts';

it('keeps the order, leaves out what is undefined', () => {
  const list = AttributeList.from({ b: 1, a: undefined, c: ['x'] });
  list.add('d', false);
  list.add('e', undefined);
  expect(Object.entries(list.toRecord())).toEqual([
    ['b', 1],
    ['c', ['x']],
    ['d', false],
  ]);
});

it('fill keeps what is there, and no name comes twice', () => {
  const list = AttributeList.from({ a: 1 });
  list.fill({ a: 2, b: 3 });
  list.fill({ b: 4, c: undefined });
  list.fill(undefined);
  const names: string[] = [];
  list.forEach((name) => {
    names.push(name);
  });
  expect([names, list.toRecord()]).toEqual([['a', 'b'], { a: 1, b: 3 }]);
});

it('can be visited from some attribute on', () => {
  const list = AttributeList.from({ a: 1, b: 2 });
  const known = list.size;
  list.add('c', 3);
  const names: string[] = [];
  list.forEach((name) => {
    names.push(name);
  }, known);
  expect(names).toEqual(['c']);
});
