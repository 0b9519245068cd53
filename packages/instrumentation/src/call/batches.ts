import type { Attribution } from '../attribution/index.js';
import type { BatchNews } from '../provider.js';

/** Batches and results that are remembered; beyond it the oldest is forgotten. */
const MAX_REMEMBERED = 10_000;
/** The same of results that are told by their names. */
const MAX_REMEMBERED_NAMES = 100_000;

/** What this process knows of batches: who submitted them, and which of their results it has counted. */
export class Batches {
  /** By batch, and by each id that its results can be read under. */
  readonly #submitters = new Map<string, Attribution>();
  /** Results are read line by line, in the same order every time: the lines so far are those that are counted. */
  readonly #countedLines = new Map<string, number>();
  /** Results that come page by page, of whatever size and in whatever order. */
  readonly #countedNames = new Map<string, true>();

  /** A response told of a batch: the one to its submission, or a later one that says where its results are. */
  note(batch: BatchNews, attribution: Attribution): void {
    if (batch.isSubmitted) remember(this.#submitters, batch.id, attribution);
    const submitter = this.#submitters.get(batch.id);
    if (submitter === undefined) return;
    for (const results of batch.results) remember(this.#submitters, results, submitter);
  }

  /** Who submitted the batch of these results, where it was this process. */
  findSubmitter(results: string): Attribution | undefined {
    return this.#submitters.get(results);
  }

  /** Whether this line is read for the first time: reading results again counts nothing. */
  isNew(results: string, position: number): boolean {
    const counted = this.#countedLines.get(results) ?? 0;
    if (position < counted) return false;
    remember(this.#countedLines, results, position + 1);
    return true;
  }

  /** The same of a result that has a name within its batch. */
  isNewName(results: string, name: string): boolean {
    const key = JSON.stringify([results, name]);
    if (this.#countedNames.has(key)) return false;
    remember(this.#countedNames, key, true, MAX_REMEMBERED_NAMES);
    return true;
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V, most = MAX_REMEMBERED): void {
  map.set(key, value);
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
