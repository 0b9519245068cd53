import { crc32 } from 'node:zlib';
import type { DiskReading } from './disk.js';
import { FileWindow } from './file-window.js';
import {
  encodeHeader,
  type FileKind,
  FORM_VERSION,
  FRAME_HEADER_BYTES,
  HALF,
  HEADER_BYTES,
  VERSION_AT,
} from './frames.js';

/** Behind a damaged frame, one this far on is still taken for a proof that the log went on. */
const MAX_GAP = 1_000_000;

export interface Frame {
  readonly position: number;
  /** Holds until the next frame is taken. */
  readonly payload: Buffer;
}

/** Why a file is not whole. */
export type Damage = 'header' | 'torn' | 'corrupt';

/**
 * The frames of one file, up to the first that is not whole; what it says of the file is so once all are taken. A frame
 * that is not whole is `torn` when nothing whole stands behind it: the write that a crash cut, never acknowledged. Where
 * the log goes on behind it, it is `corrupt`: what was acknowledged is damaged.
 */
export class FrameReader {
  /** Up to here everything is whole. */
  goodBytes = 0;
  /** Absent when that is all of it. */
  damage: Damage | undefined;
  /** Of the form, where it is another one and nothing of it is read. */
  otherVersion: number | undefined;
  /** Frames that are whole. */
  count = 0;
  /** Of the last of them; before the first one, the one before it. */
  position: number;
  readonly #file: DiskReading;
  readonly #window: FileWindow;
  readonly #kind: FileKind;

  /** `first`: position of the first frame. */
  constructor(file: DiskReading, { kind, first }: { readonly kind: FileKind; readonly first: number }) {
    this.#file = file;
    this.#window = new FileWindow(file);
    this.#kind = kind;
    this.position = first - 1;
  }

  /** Of the whole file. */
  get bytes(): number {
    return this.#file.bytes;
  }

  /** To be taken, once: the file is closed then. */
  *frames(): IterableIterator<Frame> {
    try {
      if (this.#readHeader()) yield* this.#readFrames();
    } finally {
      this.#file.close();
    }
  }

  *#readFrames(): IterableIterator<Frame> {
    while (this.goodBytes < this.bytes) {
      const frame = this.#readFrame(this.goodBytes);
      if (frame === undefined || (this.count > 0 && frame.position !== this.position + 1)) {
        this.damage = this.#hasFrameAfter(this.goodBytes) ? 'corrupt' : 'torn';
        return;
      }
      this.count += 1;
      this.position = frame.position;
      this.goodBytes += FRAME_HEADER_BYTES + frame.payload.length;
      yield frame;
    }
  }

  #readHeader(): boolean {
    const { bytes } = this;
    const header = this.#window.view(0, Math.min(bytes, HEADER_BYTES));
    const isOurs = header.subarray(0, VERSION_AT).equals(encodeHeader(this.#kind).subarray(0, VERSION_AT));
    const version = header[VERSION_AT] ?? 0;
    if (isOurs && version > 0 && version <= FORM_VERSION) {
      this.goodBytes = HEADER_BYTES;
      return true;
    }
    // The header is durable before anything stands behind it: alone, whatever it is, it is what a crash has left.
    this.damage = bytes <= HEADER_BYTES ? 'torn' : 'header';
    if (this.damage === 'header' && isOurs && version > 0) this.otherVersion = version;
    return false;
  }

  #readFrame(offset: number): Frame | undefined {
    const start = offset + FRAME_HEADER_BYTES;
    const { bytes } = this;
    if (start > bytes) return undefined;
    const length = this.#window.uint32(offset);
    if (length === 0 || length > bytes - start) return undefined;
    const frame = this.#window.view(offset, FRAME_HEADER_BYTES + length);
    if (crc32(frame.subarray(8)) !== frame.readUInt32LE(4)) return undefined;
    return { position: this.#readPosition(offset), payload: frame.subarray(FRAME_HEADER_BYTES) };
  }

  #readPosition(offset: number): number {
    return this.#window.uint32(offset + 8) + this.#window.uint32(offset + 12) * HALF;
  }

  /** Whether the log goes on behind the damage, wherever it does. */
  #hasFrameAfter(damagedAt: number): boolean {
    for (let offset = damagedAt + 1; offset + FRAME_HEADER_BYTES < this.bytes; offset += 1) {
      // The position is compared first: it nearly never fits by chance, and a checksum takes its time.
      const gap = this.#readPosition(offset) - this.position;
      if (gap > 0 && gap <= MAX_GAP && this.#readFrame(offset) !== undefined) return true;
    }
    return false;
  }
}
