/** Ways in which the same answer may come over a connection. */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Recording } from '@costspan/testkit';

export interface Delivered {
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: readonly Uint8Array[];
}
/** `undefined` where the answer cannot come so. */
type Deliver = (recording: Recording) => Delivered | undefined;

const wholeOf = ({ chunks }: Recording): Buffer => Buffer.concat(chunks);

const MOST_PIECES = 100;

/** Cuts inside of characters, escapes and line ends. */
function cut(bytes: Uint8Array): Uint8Array[] {
  const size = Math.max(7, Math.ceil(bytes.length / MOST_PIECES));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

const isEvents = ({ headers }: Recording): boolean =>
  headers['content-type']?.includes('text/event-stream') === true;

const rewritten =
  (rewrite: (text: string) => string): Deliver =>
  (recording) =>
    isEvents(recording)
      ? { headers: recording.headers, chunks: [Buffer.from(rewrite(wholeOf(recording).toString()))] }
      : undefined;

const encoded =
  (encoding: string, encode: (bytes: Uint8Array) => Uint8Array): Deliver =>
  (recording) => ({
    headers: { ...recording.headers, 'content-encoding': encoding },
    chunks: cut(encode(wholeOf(recording))),
  });

/** JSON over several lines of data. */
const spread = (line: string, data: string): string => {
  try {
    return JSON.stringify(JSON.parse(data), undefined, 1)
      .split('\n')
      .map((part) => `data: ${part}`)
      .join('\n');
  } catch {
    return line;
  }
};

/** The same chunk once more, where it tells of usage. */
const repeat = (event: string): string => (/"usage\w*":\s*\{/.test(event) ? `${event}\n\n${event}` : event);

/** Usage that is not there yet. */
const empty = (event: string): string =>
  event.includes('"usage')
    ? event
    : event.replace(/^data: ?\{(?=")/m, 'data: {"usage":null,"usageMetadata":null,');

const ends = (text: string): string => text.replace(/\r\n/g, '\n');

const ofEach = (change: (event: string) => string): Deliver =>
  rewritten((text) => ends(text).split('\n\n').map(change).join('\n\n'));

export const DELIVERIES: Readonly<Record<string, Deliver>> = {
  'as it came': ({ headers, chunks }) => ({ headers, chunks }),
  'in small pieces': (recording) => ({ headers: recording.headers, chunks: cut(wholeOf(recording)) }),
  'with CRLF': rewritten((text) => ends(text).replaceAll('\n', '\r\n')),
  'with CR': rewritten((text) => ends(text).replaceAll('\n', '\r')),
  'with comments': rewritten(
    (text) => `: ping\n\nretry: 3000\n\n${ends(text).replaceAll('\n\n', '\n\n: on\n\n')}`,
  ),
  'without a space': rewritten((text) => text.replace(/^data: /gm, 'data:')),
  'over several lines': rewritten((text) => ends(text).replace(/^data: ?(\{.*)$/gm, spread)),
  'with the mark of its order': rewritten((text) => `\uFEFF${text}`),
  'its usage told twice': ofEach(repeat),
  'its usage null at first': ofEach(empty),
  'as plain text': (recording) =>
    isEvents(recording) && /(?:chat\.completions|responses|messages)$/.test(recording.endpoint)
      ? { headers: { ...recording.headers, 'content-type': 'text/plain' }, chunks: recording.chunks }
      : undefined,
  gzip: encoded('gzip', gzipSync),
  'gzip without its end': encoded('gzip', (bytes) => gzipSync(bytes).subarray(0, -8)),
  'gzip with more behind it': encoded('gzip', (bytes) =>
    Buffer.concat([gzipSync(bytes), Buffer.from('\0more')]),
  ),
  deflate: encoded('deflate', deflateSync),
  br: encoded('br', brotliCompressSync),
  zstd: encoded('zstd', zstdCompressSync),
  'br in gzip': encoded('br, gzip', (bytes) => gzipSync(brotliCompressSync(bytes))),
};

/** Every count of an answer, as no provider would tell it. */
const counting =
  (tell: (count: string) => string): Deliver =>
  ({ headers, chunks }) => {
    const text = Buffer.concat(chunks).toString();
    const counts = /("\w*(?:tokens?|Tokens?|_count|Count|cost|seconds)"\s*:\s*)(\d[\d.]*)/g;
    return {
      headers,
      chunks: [Buffer.from(text.replace(counts, (_whole, name, count) => name + tell(count)))],
    };
  };

export const NONSENSE: Readonly<Record<string, Deliver>> = {
  'counts below nothing': counting((count) => `-${count === '0' ? '1' : count}`),
  'counts that are texts': counting((count) => `"${count}"`),
  'counts beyond all measure': counting((count) => `${count.replace('.', '')}${'9'.repeat(300)}`),
  'counts that are objects': counting(() => '{"valueOf":1}'),
};
