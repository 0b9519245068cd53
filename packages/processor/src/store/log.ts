import type { Disk, DiskFile } from './disk.js';
import { encodeFrame, encodeHeader, HEADER_BYTES } from './frames.js';

/** A file of the log is closed at this size, so that what a state has made needless goes in pieces. */
const SEGMENT_BYTES = 64 * 1024 * 1024;

/** Digits of a position in a file's name: names sort as positions do. */
const NAME_DIGITS = 16;
export const logName = (firstPosition: number): string =>
  `log-${String(firstPosition).padStart(NAME_DIGITS, '0')}`;
export const stateName = (position: number): string => `state-${String(position).padStart(NAME_DIGITS, '0')}`;

/** The position in the name of a file of this kind; undefined for any other file. */
export function readPosition(name: string, kind: 'log' | 'state'): number | undefined {
  const match = new RegExp(`^${kind}-(\\d{${NAME_DIGITS}})$`).exec(name);
  return match === null ? undefined : Number(match[1]);
}

/**
 * The append-only log. One frame is what was written at once and synced at once, so it is whole or it is the last.
 * What has failed is never written behind: the next frame begins a new file, which says by its name what counts.
 */
export class Log {
  /** Of the last frame that is durable. */
  position: number;
  /** Of the files that are still needed. */
  bytes: number;
  readonly #disk: Disk;
  #file: DiskFile | undefined;
  #fileBytes = 0;

  /** `bytes`: what is on the disk already. */
  constructor(disk: Disk, options: { readonly position: number; readonly bytes: number }) {
    this.#disk = disk;
    this.position = options.position;
    this.bytes = options.bytes;
  }

  /** Resolves once the frame is durable; rejects, with nothing kept, when it cannot be. */
  async append(payload: readonly Buffer[]): Promise<void> {
    const frame = encodeFrame(this.position + 1, payload);
    let length = 0;
    for (const bytes of frame) length += bytes.length;
    try {
      this.#file ??= await this.#openFile();
      await this.#file.write(frame, this.#fileBytes);
      await this.#file.sync();
    } catch (error) {
      await this.#abandonFile();
      throw error;
    }
    this.position += 1;
    this.#fileBytes += length;
    this.bytes += length;
    if (this.#fileBytes >= SEGMENT_BYTES) await this.endFile();
  }

  /** What follows goes to a new file. */
  async endFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** Removes the files that hold nothing after the position, `bytes` of the log in all. */
  async dropBefore(position: number, bytes: number): Promise<void> {
    this.bytes -= bytes;
    const firsts = this.#disk
      .list()
      .flatMap((name) => readPosition(name, 'log') ?? [])
      .sort((a, b) => a - b);
    for (const [index, first] of firsts.entries()) {
      const next = firsts[index + 1] ?? this.position + 1;
      if (next <= position + 1 && first <= position) await this.#disk.remove(logName(first));
    }
  }

  async #openFile(): Promise<DiskFile> {
    const name = logName(this.position + 1);
    // One of this name holds nothing that was ever acknowledged.
    await this.#disk.remove(name);
    const file = await this.#disk.create(name);
    try {
      await file.write([encodeHeader('log')], 0);
      await file.sync();
      await this.#disk.sync();
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#fileBytes = HEADER_BYTES;
    return file;
  }

  /** After a failed sync nobody can say what of the file's last pages is on the disk, so the file ends there. */
  async #abandonFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      await file.truncate(this.#fileBytes);
      await file.sync();
    } catch {
      // It stays as it is: the next file begins at the same position, and what lies behind that does not count.
    }
    await file.close().catch(() => {});
  }
}
