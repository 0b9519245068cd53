import { readHexDigits16 } from '@costspan/aggregate';
import { readString } from './json-attributes.js';
import { type JsonReader, QUOTE } from './json-reader.js';
import { isEqual } from './pattern.js';

/** Characters of ids with their quotes. */
const TRACE_ID_CHARS = 34;
const SPAN_ID_CHARS = 18;

/** Spans of one trace mostly stand together: their id is made a text once. */
export class TraceIds {
  /** The one that was read last, and where it stands in the body; -1 where it has another length. */
  #last = '';
  #at = -1;

  read(reader: JsonReader, name: string): string {
    const { position, view } = reader;
    const isSame =
      this.#at >= 0 && reader.has(TRACE_ID_CHARS) && isEqual(view, position, view, this.#at, TRACE_ID_CHARS);
    if (isSame) {
      reader.position = position + TRACE_ID_CHARS;
      return this.#last;
    }
    this.#last = readString(reader, name).toLowerCase();
    this.#at = reader.position - position === TRACE_ID_CHARS ? position : -1;
    return this.#last;
  }
}

/** The id of a span, in lower case. */
export function readId(reader: JsonReader, name: string): string {
  const { bytes, position } = reader;
  if (bytes[position] === QUOTE && bytes[position + SPAN_ID_CHARS - 1] === QUOTE) {
    const id = readHexDigits16(bytes, position + 1);
    if (id !== undefined) {
      reader.position = position + SPAN_ID_CHARS;
      return id;
    }
  }
  return readString(reader, name).toLowerCase();
}
