import { readFields, readText } from '../providers/fields.js';

/** What stores of vectors, each in its own word, call the place that they search. */
const PLACES = ['collectionName', 'indexName', 'tableName'];

/** Name of the collection, index or table that a store of vectors searches; `undefined` where it tells none. */
export function readDataSource(store: unknown): string | undefined {
  const fields = readFields(store);
  return PLACES.map((place) => readText(fields[place])).find((name) => name !== undefined);
}
