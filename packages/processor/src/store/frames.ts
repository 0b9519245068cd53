import { crc32 } from 'node:zlib';

/** What a file holds: the log between two states, or a state. */
export type FileKind = 'log' | 'state';

/** The first bytes of every file: its kind, and in the last one the version of its form. */
export const HEADER_BYTES = 16;
export const VERSION_AT = HEADER_BYTES - 1;
/**
 * Of the form that is written: since 2, ids are bytes; since 3, spans have a form of their own, and since 4 the parts of a
 * state that are large; since 5, tasks and what they have in the ledger are rows, in any order; since 6, calls say which
 * hosts they went to and were made at. All before it are read.
 */
export const FORM_VERSION = 6;
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
export const FRAME_HEADER_BYTES = 16;
/** A number of 32 bits. */
export const HALF = 4_294_967_296;

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
