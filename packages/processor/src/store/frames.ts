import { crc32 } from 'node:zlib';

/** What a file holds: the log between two states, or a state. */
export type FileKind = 'log' | 'state';

/** The first bytes of every file: its kind, and in the last one the version of its form. */
export const HEADER_BYTES = 16;
const VERSION_AT = HEADER_BYTES - 1;
/**
 * Of the form that is written: since 2, ids are bytes; since 3, spans have a form of their own, and since 4 the parts of a
 * state that are large; since 5, tasks and what they have in the ledger are rows, in any order. All before it are read.
 */
export const FORM_VERSION = 5;
const createHeader = (kind: string): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(kind, 'latin1');
  header[VERSION_AT] = FORM_VERSION;
  return header;
};
const HEADER: Readonly<Record<FileKind, Buffer>> = {
  log: createHeader('costspan log'),
  state: createHeader('costspan state'),
};

/** Before each frame: its length, its checksum, its position in two halves. */
const FRAME_HEADER_BYTES = 16;
/** A number of 32 bits. */
const HALF = 4_294_967_296;
/** Behind a damaged frame, one this far on is still taken for a proof that the log went on. */
const MAX_GAP = 1_000_000;

export const encodeHeader = (kind: FileKind): Buffer => HEADER[kind];

/** One frame: the position of the log that it is, and its bytes, under one checksum. */
export function encodeFrame(position: number, payload: readonly Buffer[]): Buffer[] {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  let length = 0;
  for (const bytes of payload) length += bytes.length;
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE(position % HALF, 8);
  header.writeUInt32LE(Math.floor(position / HALF), 12);
  let checksum = crc32(header.subarray(8));
  for (const bytes of payload) checksum = crc32(bytes, checksum);
  header.writeUInt32LE(checksum, 4);
  return [header, ...payload];
}

export interface Frame {
  readonly position: number;
  readonly payload: Buffer;
}

/** The frames of one file, up to the first that is not whole. */
export interface FrameFile {
  readonly frames: readonly Frame[];
  /** Up to here everything is whole. */
  readonly goodBytes: number;
  /** Absent when that is all of it. */
  readonly damage?: 'header' | 'torn' | 'corrupt';
  /** Of the form, where it is another one and nothing of it was read. */
  readonly otherVersion?: number;
}

/**
 * Reads a file. A frame that is not whole is `torn` when nothing whole stands behind it: the write that a crash cut,
 * never acknowledged. Where the log goes on behind it, it is `corrupt`: what was acknowledged is damaged.
 */
export function readFrames(bytes: Buffer, kind: FileKind): FrameFile {
  if (!isReadable(bytes, kind)) {
    // The header is durable before anything stands behind it: alone, whatever it is, it is what a crash has left.
    if (bytes.length <= HEADER_BYTES) return { frames: [], goodBytes: 0, damage: 'torn' };
    const otherVersion = readOtherVersion(bytes, kind);
    return { frames: [], goodBytes: 0, damage: 'header', ...(otherVersion && { otherVersion }) };
  }
  const frames: Frame[] = [];
  let offset = HEADER_BYTES;
  while (offset < bytes.length) {
    const frame = readFrame(bytes, offset);
    if (frame === undefined || !follows(frame, frames.at(-1))) {
      const damage = hasFrameAfter(bytes, offset, frames.at(-1)) ? 'corrupt' : 'torn';
      return { frames, goodBytes: offset, damage };
    }
    frames.push(frame);
    offset += FRAME_HEADER_BYTES + frame.payload.length;
  }
  return { frames, goodBytes: offset };
}

function isReadable(bytes: Buffer, kind: FileKind): boolean {
  const version = bytes[VERSION_AT] ?? 0;
  return isOurs(bytes, kind) && version > 0 && version <= FORM_VERSION;
}

const isOurs = (bytes: Buffer, kind: FileKind): boolean =>
  bytes.subarray(0, VERSION_AT).equals(HEADER[kind].subarray(0, VERSION_AT));

/** Of a file that is ours in all but its version. */
function readOtherVersion(bytes: Buffer, kind: FileKind): number | undefined {
  return isOurs(bytes, kind) ? bytes[VERSION_AT] : undefined;
}

const follows = (frame: Frame, previous: Frame | undefined): boolean =>
  previous === undefined || frame.position === previous.position + 1;

function readFrame(bytes: Buffer, offset: number): Frame | undefined {
  const start = offset + FRAME_HEADER_BYTES;
  if (start > bytes.length) return undefined;
  const length = bytes.readUInt32LE(offset);
  if (length === 0 || length > bytes.length - start) return undefined;
  const payload = bytes.subarray(start, start + length);
  if (crc32(payload, crc32(bytes.subarray(offset + 8, start))) !== bytes.readUInt32LE(offset + 4))
    return undefined;
  return { position: readPosition(bytes, offset), payload };
}

const readPosition = (bytes: Buffer, offset: number): number =>
  bytes.readUInt32LE(offset + 8) + bytes.readUInt32LE(offset + 12) * HALF;

/** Whether the log goes on behind the damage, wherever it does. */
function hasFrameAfter(bytes: Buffer, damagedAt: number, previous: Frame | undefined): boolean {
  const after = previous?.position ?? -1;
  for (let offset = damagedAt + 1; offset + FRAME_HEADER_BYTES < bytes.length; offset += 1) {
    // The position is compared first: it nearly never fits by chance, and a checksum takes its time.
    const gap = readPosition(bytes, offset) - after;
    const isNear = previous === undefined ? gap >= 0 : gap > 0 && gap <= MAX_GAP;
    if (isNear && readFrame(bytes, offset) !== undefined) return true;
  }
  return false;
}
