import { setTimeout as sleep } from 'node:timers/promises';
import type { Disk, DiskFile, DiskReading } from '../src/store/disk.ts';

/** What a disk may do wrong at one of its operations; each write, sync, truncate, create and rename is one. */
export interface Fault {
  /** Number of the operation, from 0. */
  readonly at: number;
  /** How many operations fail from there on. */
  readonly count: number;
  readonly code: 'ENOSPC' | 'EIO';
}

interface MemoryFile {
  bytes: Buffer;
  /** What a loss of power leaves. */
  synced: Buffer;
}

/** A directory in memory that knows what of it is durable, fails when told to, and can lose its power. */
export class MemoryDisk implements Disk {
  operations = 0;
  faults: Fault[] = [];
  /** How long each operation takes: a disk may be slow. */
  delayMs = 0;
  readonly #files = new Map<string, MemoryFile>();
  #stopped: Promise<void> | undefined;
  #durableNames = new Map<string, MemoryFile>();

  list(): string[] {
    return [...this.#files.keys()];
  }

  read(name: string): DiskReading {
    const { bytes } = this.#get(name);
    return {
      bytes: bytes.length,
      read: (into, atByte) => {
        // As much as is asked for, or a reader has lost its way.
        if (bytes.copy(into, 0, atByte) < into.length) throw new Error(`${name}: nothing stands there`);
      },
      close: () => {},
    };
  }

  /** All that stands in a file. */
  readAll(name: string): Buffer {
    return Buffer.from(this.#get(name).bytes);
  }

  truncate(name: string, bytes: number): void {
    const file = this.#get(name);
    file.bytes = file.bytes.subarray(0, bytes);
    file.synced = file.bytes;
  }

  syncFile(name: string): Promise<void> {
    return this.#do(() => {
      const file = this.#get(name);
      file.synced = file.bytes;
    });
  }

  create(name: string): Promise<DiskFile> {
    return this.#do(() => {
      if (this.#files.has(name)) throw new Error(`EEXIST: ${name}`);
      const file = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) };
      this.#files.set(name, file);
      return this.#createFile(file);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#do(() => {
      const file = this.#get(from);
      this.#files.delete(from);
      this.#files.set(to, file);
    });
  }

  remove(name: string): Promise<void> {
    this.#files.delete(name);
    return Promise.resolve();
  }

  sync(): Promise<void> {
    return this.#do(() => {
      this.#durableNames = new Map(this.#files);
    });
  }

  /** The disk after the power failed: unsynced names are gone, of unsynced bytes a part is there, and some of it torn. */
  losePower(random: () => number): MemoryDisk {
    const after = new MemoryDisk();
    for (const [name, { bytes, synced }] of this.#durableNames) {
      const kept = synced.length + Math.floor(random() * (bytes.length - synced.length + 1));
      const left = Buffer.from(bytes.subarray(0, Math.max(kept, synced.length)));
      if (left.length > synced.length && random() < 0.5) left[left.length - 1]! ^= 0x55;
      after.put(name, left);
    }
    return after;
  }

  /** The disk after the process was killed: everything that was written is there, and no more durable than it was. */
  clone(): MemoryDisk {
    const copy = new MemoryDisk();
    const copies = new Map<MemoryFile, MemoryFile>();
    const copyOf = (file: MemoryFile): MemoryFile => {
      const made = copies.get(file) ?? { bytes: Buffer.from(file.bytes), synced: Buffer.from(file.synced) };
      copies.set(file, made);
      return made;
    };
    for (const [name, file] of this.#files) copy.#files.set(name, copyOf(file));
    for (const [name, file] of this.#durableNames) copy.#durableNames.set(name, copyOf(file));
    return copy;
  }

  put(name: string, bytes: Buffer): void {
    const file = { bytes, synced: bytes };
    this.#files.set(name, file);
    this.#durableNames.set(name, file);
  }

  #get(name: string): MemoryFile {
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`ENOENT: ${name}`);
    return file;
  }

  #createFile(file: MemoryFile): DiskFile {
    return {
      write: (buffers, atByte) => {
        const whole = Buffer.concat([file.bytes.subarray(0, atByte), ...buffers]);
        // A disk that is full takes what fits.
        const half = atByte + Math.floor((whole.length - atByte) / 2);
        return this.#do(
          () => {
            file.bytes = whole;
          },
          () => {
            file.bytes = whole.subarray(0, half);
          },
        );
      },
      sync: () =>
        this.#do(() => {
          file.synced = file.bytes;
        }),
      truncate: (bytes) =>
        this.#do(() => {
          file.bytes = file.bytes.subarray(0, bytes);
        }),
      close: () => Promise.resolve(),
    };
  }

  /** Says nothing any more, until what this returns is called. */
  stop(): () => void {
    let goOn = (): void => {};
    this.#stopped = new Promise((resolve) => {
      goOn = resolve;
    });
    return goOn;
  }

  async #do<T>(operate: () => T, onFault: () => void = () => {}): Promise<T> {
    const number = this.operations;
    this.operations += 1;
    const fault = this.faults.find(({ at, count }) => number >= at && number < at + count);
    await this.#stopped;
    await (this.delayMs > 0 ? sleep(this.delayMs) : undefined);
    if (fault === undefined) return operate();
    onFault();
    throw Object.assign(new Error(`${fault.code}: injected`), { code: fault.code });
  }
}
