/** A part of a state is complete at this size: little enough that to write one takes a moment only. */
export const PART_BYTES = 64 * 1024;
/** With room for the row that completes it. */
const MEMORY_BYTES = PART_BYTES + 16 * 1024;
/** So much is kept for the parts to come. */
const MAX_KEPT = 8;

/**
 * Memory in which the parts of a state are written, used again: a state of a hundred megabytes would else be as much garbage,
 * outside of the heap, where it is collected late and leaves holes behind. Whoever is done with a part gives it back; what
 * nobody gives back is garbage.
 */
export class PartMemory {
  readonly #kept: Buffer[] = [];

  take(): Buffer {
    return this.#kept.pop() ?? Buffer.allocUnsafeSlow(MEMORY_BYTES);
  }

  /** Takes back a part in which nobody reads any more. What was not taken from here is left alone. */
  giveBack({ buffer }: Uint8Array): void {
    if (buffer.byteLength === MEMORY_BYTES && this.#kept.length < MAX_KEPT)
      this.#kept.push(Buffer.from(buffer));
  }
}

/** Of all states: they are written one after the other. */
export const PART_MEMORY = new PartMemory();
