import { guard } from '../diagnostics.js';
import type { StreamObserver } from './iterable.js';

/** A line longer than this ends the reading: no result of a batch is that long, and no chunk. */
const MAX_LINE_CHARS = 16 * 1024 * 1024;
/** Every result names the request that it answers, by OpenAI's name or by Google's; another file does not. */
const RESULT_MARK = /"(?:custom_id|key)"/;

/** Reads lines of JSON that pass by as text; results of a batch as long as they are some. */
export class LineReader {
  readonly #onLine: (line: unknown) => void;
  #pending = '';
  /** Whether what the first line is has still to be seen. */
  #isDoubtful: boolean;
  isReading = true;

  constructor(onLine: (line: unknown) => void, kind: 'results' | 'chunks' = 'results') {
    this.#onLine = onLine;
    this.#isDoubtful = kind === 'results';
  }

  push(text: string): void {
    if (!this.isReading) return;
    const lines = text.split('\n');
    lines[0] = this.#pending + lines[0];
    this.#pending = lines.pop() ?? '';
    for (const line of lines) this.#read(line);
    if (this.#pending.length > MAX_LINE_CHARS) this.isReading = false;
  }

  /** The text is over; its last line may have no end. */
  end(): void {
    const rest = this.#pending;
    this.#pending = '';
    this.#read(rest);
  }

  #read(line: string): void {
    if (!this.isReading || line.trim() === '') return;
    if (this.#isDoubtful) this.isReading = RESULT_MARK.test(line);
    this.#isDoubtful = false;
    if (!this.isReading) return;
    const value = guard('parsing a line', () => JSON.parse(line) as unknown);
    if (value !== undefined) this.#onLine(value);
  }
}

/** Reads the lines in a stream of bytes, for whoever is told of them. */
export function observeLines(call: StreamObserver & { addLine(line: unknown): void }): StreamObserver {
  const decoder = new TextDecoder();
  const reader = new LineReader((line) => call.addLine(line));
  return {
    addChunk(chunk) {
      if (chunk instanceof Uint8Array) reader.push(decoder.decode(chunk, { stream: true }));
    },
    endStream() {
      reader.end();
      call.endStream();
    },
    fail: (error) => call.fail(error),
    abort: () => call.abort(),
  };
}
