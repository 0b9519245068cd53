import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long work lets others have their turn after so long: nobody waits for it longer than for a batch of spans. */
const MAX_TURN_MS = 5;

/** The same items; between two of them others have their turn whenever it is time. */
export async function* takeTurns<T>(items: Iterable<T> | AsyncIterable<T>): AsyncIterableIterator<T> {
  let startMs = performance.now();
  for await (const item of items) {
    yield item;
    if (performance.now() - startMs < MAX_TURN_MS) continue;
    await nextTurn();
    startMs = performance.now();
  }
}
