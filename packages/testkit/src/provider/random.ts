/** A 32-bit FNV-1a hash of a text: stable over processes and Node versions. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** A generator of numbers in [0, 1) that gives the same row for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** An identifier of `length` letters and digits, the same for the same text; its halves come from two hashes. */
export function makeToken(text: string, length: number): string {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const halves = [createRandom(hashText(text)), createRandom(hashText(`second/${text}`))] as const;
  return Array.from({ length }, (_, index) => {
    const random = index % 2 === 0 ? halves[0] : halves[1];
    return alphabet[Math.floor(random() * alphabet.length)];
  }).join('');
}
