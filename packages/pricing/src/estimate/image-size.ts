/** Bytes of an image that hold its size, with room for the metadata that cameras put before it. */
const MAX_HEAD_BYTES = 256 * 1024;

/** Width and height from the first bytes of a PNG, GIF, WebP or JPEG: base64, a data URL, or the bytes. */
export function readImageSize(data: unknown): { widthPx: number; heightPx: number } | Record<string, never> {
  const head = readHead(data);
  if (head === undefined || head.length < 30) return {};
  const [widthPx, heightPx] = readPng(head) ?? readGif(head) ?? readWebp(head) ?? readJpeg(head) ?? [0, 0];
  return widthPx > 0 && heightPx > 0 ? { widthPx, heightPx } : {};
}

function readHead(data: unknown): Buffer | undefined {
  if (data instanceof Uint8Array)
    return Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, MAX_HEAD_BYTES));
  if (typeof data !== 'string' || /^https?:/i.test(data)) return undefined;
  const start = data.startsWith('data:') ? data.indexOf(',') + 1 : 0;
  return Buffer.from(data.slice(start, start + (MAX_HEAD_BYTES * 4) / 3), 'base64');
}

type Size = [widthPx: number, heightPx: number];

const readPng = (head: Buffer): Size | undefined =>
  head.readUInt32BE(0) === 0x89504e47 ? [head.readUInt32BE(16), head.readUInt32BE(20)] : undefined;

const readGif = (head: Buffer): Size | undefined =>
  head.toString('latin1', 0, 3) === 'GIF' ? [head.readUInt16LE(6), head.readUInt16LE(8)] : undefined;

function readWebp(head: Buffer): Size | undefined {
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WEBP') return undefined;
  const kind = head.toString('latin1', 12, 16);
  if (kind === 'VP8X') return [head.readUIntLE(24, 3) + 1, head.readUIntLE(27, 3) + 1];
  if (kind === 'VP8 ') return [head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff];
  if (kind !== 'VP8L') return undefined;
  const bits = head.readUInt32LE(21);
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
}

/** The size is in the first frame header; what comes before it is skipped by its length. */
function readJpeg(head: Buffer): Size | undefined {
  if (head.readUInt16BE(0) !== 0xffd8) return undefined;
  let at = 2;
  while (at + 9 < head.length && head[at] === 0xff) {
    const marker = head[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return [head.readUInt16BE(at + 7), head.readUInt16BE(at + 5)];
    at += 2 + head.readUInt16BE(at + 2);
  }
  return undefined;
}
