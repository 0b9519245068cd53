import { expect, it } from 'vitest';
import { PART_MEMORY } from '../src/bytes/part-memory.ts';
import { RowReader } from '../src/bytes/row-reader.ts';
import type { RowWriter } from '../src/bytes/row-writer.ts';
import { RowReading, RowReadings } from '../src/rows/row-reading.ts';
import { createRandom } from './records.ts';

interface Row {
  readonly text: string;
  readonly amount: bigint;
  readonly labels: readonly string[];
}

/** More texts than are remembered from one part to the next. */
const ROWS = 120_000;
const LABELS = Array.from({ length: 40 }, (_, index) => ['shop', `feature-${index % 7}`, `model-${index}`]);

const createRow = (number: number): Row => ({
  text: `text ${number}`,
  amount: 10n ** BigInt(number % 25) - 5n,
  labels: LABELS[number % LABELS.length]!,
});

function writeRow(row: number, { text, amount, labels }: Row, writer: RowWriter): void {
  writer.to.varint(row);
  writer.common(text);
  writer.bigint(amount);
  writer.shared(labels, (all) => {
    for (const label of all) writer.common(label);
  });
}

const readRow = (reader: RowReader): [row: number, Row] => {
  const row = reader.from.varint();
  const [text, amount] = [reader.common(), reader.bigint()];
  return [row, { text, amount, labels: reader.shared((all) => ['', '', ''].map(() => all.common())) }];
};

it('each row is written once, as it was when the reading began, whatever changes meanwhile', () => {
  const random = createRandom(1);
  const rows = Array.from({ length: ROWS }, (_, number) => createRow(number));
  const isThere = new Uint8Array(ROWS).fill(1);
  for (let row = 0; row < ROWS; row += 3) isThere[row] = 0;
  const expected = new Map([...rows.entries()].filter(([row]) => isThere[row] === 1));
  const readings = new RowReadings();
  const write = (row: number, writer: RowWriter) => writeRow(row, rows[row]!, writer);
  const parts = readings.parts(new RowReading(isThere, write));
  const reader = new RowReader();
  const read: [number, Row][] = [];
  let count = 0;
  for (const part of parts) {
    count += 1;
    read.push(...reader.rows(part, readRow));
    for (let change = 0; change < 1_500; change += 1) {
      // One behind the last is new, and no row of this reading.
      const row = Math.floor(random() * (ROWS + 10));
      readings.beforeChange(row);
      rows[row] = createRow(row + ROWS);
    }
  }
  expect(count).toBeGreaterThan(20);
  expect(read.length).toBe(expected.size);
  expect(new Map(read.sort(([a], [b]) => a - b))).toEqual(expected);
  readings.beforeChange(1);
  expect([...parts]).toEqual([]);
});

it('the parts to come are written in the memory of those that are given back', () => {
  const rows = Array.from({ length: ROWS }, (_, number) => createRow(number));
  const write = (row: number, writer: RowWriter) => writeRow(row, rows[row]!, writer);
  const reader = new RowReader();
  const read: Row[] = [];
  const memory = new Set<ArrayBufferLike>();
  let count = 0;
  for (const part of new RowReading(new Uint8Array(ROWS).fill(1), write).parts()) {
    count += 1;
    memory.add(part.buffer);
    for (const [, row] of reader.rows(part, readRow)) read.push(row);
    PART_MEMORY.giveBack(part);
  }
  expect(read).toEqual(rows);
  expect(count).toBeGreaterThan(20);
  expect(memory.size).toBeLessThan(5);
});

it('a reading that is given up, as on a disk that takes nothing, writes nothing more', () => {
  let written = 0;
  const readings = new RowReadings();
  const reading = new RowReading(new Uint8Array(ROWS).fill(1), (row, writer) => {
    written += 1;
    writer.text(`a row that is some forty characters long ${row}`);
  });
  for (const part of readings.parts(reading)) {
    expect(part.length).toBeGreaterThan(0);
    break;
  }
  const before = written;
  expect(before).toBeLessThan(ROWS);
  for (let row = 0; row < ROWS; row += 1) readings.beforeChange(row);
  expect(written).toBe(before);
});
