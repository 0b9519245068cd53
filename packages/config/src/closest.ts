/** The candidate that a mistyped word most likely meant; `undefined` when none is near. Case does not count. */
export function findClosest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().slice(0, 100);
  // A third of the letters may be wrong, so that `xyz` is not taken for `day`.
  let best = {
    distance: Math.max(1, Math.floor(wanted.length / 3)) + 1,
    candidate: undefined as string | undefined,
  };
  for (const candidate of candidates) {
    const distance = countEdits(wanted, candidate.toLowerCase());
    if (distance < best.distance) best = { distance, candidate };
  }
  return best.candidate;
}

/** Levenshtein distance, one row at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replace = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
