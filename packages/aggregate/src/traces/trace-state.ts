import type { IdColumn } from '../rows/ids.js';
import { chunk, type TraceState } from '../state.js';

/** What traces hold, kind after kind, in parts of a bounded size. */
export function* joinStates(
  all: {
    readonly [Kind in keyof TraceState]-?: Iterable<NonNullable<TraceState[Kind]>[number]>;
  },
): IterableIterator<TraceState> {
  for (const nodes of chunk(all.nodes)) yield { nodes };
  for (const candidates of chunk(all.candidates)) yield { candidates };
  for (const features of chunk(all.features)) yield { features };
  for (const sightings of chunk(all.sightings)) yield { sightings };
  for (const searches of chunk(all.searches)) yield { searches };
}

/** What is noted of spans, by their ids in place of their rows. */
export function* readNotes<V>(
  notes: Iterable<[row: number, V]>,
  spanIds: IdColumn,
): IterableIterator<[spanId: string, V]> {
  for (const [row, note] of notes) yield [spanIds.at(row), note];
}
