import type { DiskReading } from './disk.js';

/** So much of a file is in memory at a time; more only where somebody asks for more at once. */
const WINDOW_BYTES = 1024 * 1024;

/** A file of any size, to be read in its order: what is looked at, and what stands behind it, is in memory. */
export class FileWindow {
  readonly #file: DiskReading;
  #memory = Buffer.allocUnsafeSlow(0);
  #from = 0;
  #to = 0;

  constructor(file: DiskReading) {
    this.#file = file;
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  /** What stands there, which must be in the file; it holds until something else is asked for. */
  view(at: number, length: number): Buffer {
    if (at < this.#from || at + length > this.#to) this.#move(at, length);
    return this.#memory.subarray(at - this.#from, at - this.#from + length);
  }

  uint32(at: number): number {
    if (at < this.#from || at + 4 > this.#to) this.#move(at, 4);
    return this.#memory.readUInt32LE(at - this.#from);
  }

  #move(at: number, length: number): void {
    const wanted = Math.max(length, Math.min(WINDOW_BYTES, this.bytes));
    if (wanted > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(wanted);
    this.#from = at;
    this.#to = Math.min(this.bytes, at + this.#memory.length);
    this.#file.read(this.#memory.subarray(0, this.#to - at), at);
  }
}
