import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../src/rows/bounded-map.ts';
import { IdColumn, SPAN_ID, TRACE_ID } from '../src/rows/ids.ts';
import { RowNotes } from '../src/rows/row-notes.ts';
import { type SpanNodeState, SpanTable } from '../src/traces/span-table.ts';
import { createRandom } from './records.ts';

const SEEDS = [1, 2, 3, 4];
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

describe('ids in a column', () => {
  const IDS = [
    '0000000000000000',
    'ffffffffffffffff',
    '80000000deadbeef',
    'FFFFFFFFFFFFFFFF',
    'not-a-hex-number',
    'abc',
    '',
    '0af7651916cd43dd8448eb211c80319c',
    'größer als ein Ι',
  ];

  it('are read as they were set, whatever they are', () => {
    const column = new IdColumn(SPAN_ID, IDS.length);
    for (const [row, id] of IDS.entries()) column.set(row, id);
    expect(IDS.map((_, row) => column.at(row))).toEqual(IDS);
    for (const [row, id] of IDS.entries()) {
      expect(IDS.filter((other) => column.is(row, other))).toEqual([id]);
      expect(IDS.filter((_, other) => column.isSame(row, other))).toEqual([id]);
    }
  });

  it('a row that is used again has nothing of the one before, and a copy nothing of what comes', () => {
    const column = new IdColumn(TRACE_ID, 1);
    column.set(0, 'some other text');
    const copy = column.copy();
    column.set(0, hex(42, 32));
    column.lengthen(8);
    column.set(7, 'one more');
    expect([copy.at(0), column.at(0), column.at(7)]).toEqual(['some other text', hex(42, 32), 'one more']);
  });
});

const NOTHING_KEPT = { isKept: () => false, onForget: () => {} };

/** What a table of spans does, with one object for each. */
class PlainSpans {
  readonly nodes = new Map<string, { -readonly [Key in keyof SpanNodeState]: SpanNodeState[Key] }>();
  readonly kept = new Set<string>();

  at(traceId: string, spanId: string) {
    const known = this.nodes.get(spanId);
    if (known?.traceId === traceId) return known;
    this.nodes.delete(spanId);
    this.kept.delete(spanId);
    const node = { spanId, traceId, parentSpanId: undefined, own: 0, inside: 0 } as const;
    this.nodes.set(spanId, { ...node });
    return this.nodes.get(spanId)!;
  }

  parentOf({ traceId, parentSpanId }: SpanNodeState): SpanNodeState | undefined {
    const parent = parentSpanId ? this.nodes.get(parentSpanId) : undefined;
    return parent?.traceId === traceId ? parent : undefined;
  }

  forgetOldest(limit: number): void {
    for (const [spanId, node] of this.nodes) {
      if (this.nodes.size <= limit) return;
      this.nodes.delete(spanId);
      if (this.kept.has(spanId)) this.nodes.set(spanId, node);
    }
  }
}

it.each(SEEDS)('a table of spans does as plain objects do (seed %i)', (seed) => {
  const random = createRandom(seed);
  const limit = 100;
  let forgotten = 0;
  const kept = new Set<number>();
  const table = new SpanTable(limit, {
    isKept: (row) => kept.has(row),
    onForget: (row) => {
      kept.delete(row);
      forgotten += 1;
    },
  });
  const plain = new PlainSpans();
  const spanId = (): string =>
    random() < 0.1 ? `span ${Math.floor(random() * 9)}` : hex(Math.floor(random() * 250), 16);
  for (let step = 0; step < 5_000; step += 1) {
    const ref = [hex(random() < 0.9 ? 1 : 2, 32), spanId()] as const;
    table.forgetOldest();
    plain.forgetOldest(limit);
    const [row, node] = [table.at(...ref), plain.at(...ref)];
    if (random() < 0.5) {
      node.parentSpanId = random() < 0.2 ? '' : spanId();
      table.setParent(row, node.parentSpanId);
    }
    if (random() < 0.2) {
      node.own = 1;
      table.setOwn(row, 1);
      node.inside = 2;
      table.setInside(row, 2);
    }
    if (random() < 0.02 && kept.size < limit / 2) {
      kept.add(row);
      plain.kept.add(ref[1]);
    }
    const [parent, plainParent] = [table.parentOf(row), plain.parentOf(node)];
    expect(parent < 0 ? undefined : table.spanIdOf(parent)).toBe(plainParent?.spanId);
    if (step % 50 === 0) expect([...table.readState()]).toEqual([...plain.nodes.values()]);
  }
  expect(forgotten).toBeGreaterThan(1_000);
});

it('what is read of a table of spans is the state as it was', () => {
  const table = new SpanTable(10, NOTHING_KEPT);
  for (let span = 0; span < 10; span += 1)
    table.setParent(table.at(hex(1, 32), hex(span, 16)), hex(span + 1, 16));
  const before = [...table.readState()];
  const reading = table.readState();
  reading.next();
  for (let span = 100; span < 200; span += 1) {
    table.at(hex(2, 32), hex(span, 16));
    table.forgetOldest();
  }
  expect([...reading]).toEqual(before.slice(1));
  const restored = new SpanTable(10, NOTHING_KEPT);
  for (const node of before) restored.restore(node);
  expect([...restored.readState()]).toEqual(before);
});

it.each(SEEDS)('maps forget their oldest entries as plain ones would (seed %i)', (seed) => {
  const random = createRandom(seed);
  const limit = 50;
  const plain = new Map<string, number>();
  const bounded = new BoundedMap<number>(limit);
  for (let step = 0; step < 5_000; step += 1) {
    const key = hex(Math.floor(random() * 120), 16);
    plain.delete(key);
    plain.set(key, step);
    bounded.set(key, step);
    for (const oldest of plain.keys()) if (plain.size > limit) plain.delete(oldest);
    const asked = hex(Math.floor(random() * 120), 16);
    expect(bounded.get(asked)).toBe(plain.get(asked));
  }
  expect([...bounded.entries()]).toEqual([...plain]);
});

it.each(SEEDS)('notes are those of the rows that were noted last (seed %i)', (seed) => {
  const random = createRandom(seed);
  const limit = 50;
  const plain = new Map<number, number>();
  const notes = new RowNotes<number>(limit);
  /** Turns in which rows were noted: one that went meanwhile has still had its turn. */
  const turns: number[] = [];
  for (let step = 0; step < 5_000; step += 1) {
    const row = Math.floor(random() * 120);
    if (random() < 0.2) {
      notes.delete(row);
      plain.delete(row);
      continue;
    }
    notes.set(row, step);
    plain.delete(row);
    plain.set(row, step);
    turns.push(step);
    for (const [other, turn] of plain) if (turn <= (turns.at(-limit - 1) ?? -1)) plain.delete(other);
    const asked = Math.floor(random() * 120);
    expect([notes.get(asked), notes.has(asked)]).toEqual([plain.get(asked), plain.has(asked)]);
  }
  const entries = notes.entries();
  for (let row = 0; row < 120; row += 1) notes.set(row, -1);
  expect([...entries]).toEqual([...plain]);
  expect(plain.size).toBeGreaterThan(limit / 2);
});
