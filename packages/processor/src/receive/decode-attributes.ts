import type { AttributeList, Attributes, WantedWord } from './attribute-list.js';
import { MAX_VALUE_DEPTH, type Selection } from './spans.js';
import type { Word } from './vocabulary.js';
import { MalformedError, WIRE, type WireReader } from './wire.js';

/** What attributes are read with. */
interface Reading {
  readonly reader: WireReader;
  readonly selection: Selection;
}

/** First bytes of the fields of a KeyValue, 1 key and 2 value, and of the text in an AnyValue. */
const [KEY, VALUE, TEXT] = [0x0a, 0x12, 0x0a];
/** Lengths below it are one byte. */
const SHORT = 0x80;

/** All attributes that this field of the message has. */
export function readAttributes(reading: Reading, field: number, attributes: AttributeList): void {
  const { reader } = reading;
  while (reader.next()) {
    if (reader.field === field) readAttribute(reading, attributes);
    else reader.skip();
  }
}

/** KeyValue, the field at hand: of what a span holds, nearly all is this, and most of that is passed over. */
export function readAttribute(reading: Reading, attributes: AttributeList): void {
  const { reader } = reading;
  reader.range();
  const { bytes, from, to } = reader;
  const keyFrom = from + 2;
  const keyTo = keyFrom + bytes[from + 1]!;
  const valueFrom = keyTo + 2;
  // As everybody writes it: the key, then the value, nothing else, both of them short.
  const isUsual =
    bytes[from] === KEY &&
    bytes[from + 1]! < SHORT &&
    valueFrom <= to &&
    bytes[keyTo] === VALUE &&
    bytes[keyTo + 1]! < SHORT &&
    valueFrom + bytes[keyTo + 1]! === to;
  if (!isUsual) {
    readUnusual(reading, attributes);
    return;
  }
  const word = reading.selection.words.find(reader, keyFrom, keyTo);
  if (!isWanted(reading.selection, word, attributes.unlisted)) return;
  const textFrom = valueFrom + 2;
  const isText = bytes[valueFrom] === TEXT && textFrom <= to && textFrom + bytes[valueFrom + 1]! === to;
  attributes.add(word, isText ? word.readText(reader, textFrom, to) : readRange(reader, word, valueFrom, to));
}

/** In whatever order they stand, a value is read for a key that is wanted. */
function readUnusual(reading: Reading, attributes: AttributeList): void {
  const { reader, selection } = reading;
  let word: Word | undefined;
  let from = -1;
  let to = 0;
  reader.enterRange(reader.from, reader.to);
  while (reader.next()) {
    if (reader.field === 1) {
      reader.range();
      word = selection.words.find(reader, reader.from, reader.to);
    } else if (reader.field === 2) {
      reader.range();
      ({ from, to } = reader);
    } else reader.skip();
  }
  reader.leave();
  if (word === undefined || from < 0 || !isWanted(selection, word, attributes.unlisted)) return;
  attributes.add(word, readRange(reader, word, from, to));
}

/** Whether a value of it is decoded into these. */
export const isWanted = (selection: Selection, word: Word, attributes: Attributes): word is WantedWord =>
  word.name !== undefined && (word.isNamed || selection.wants(word.name, attributes));

function readRange(reader: WireReader, word: Word, from: number, to: number): unknown {
  reader.enterRange(from, to);
  const value = readValue(reader, word, 0);
  reader.leave();
  return value;
}

/** AnyValue: 1 string, 2 bool, 3 int, 4 double, 5 array (1 values). Maps and bytes are nothing that is read. */
function readValue(reader: WireReader, word: Word, depth: number): unknown {
  if (depth > MAX_VALUE_DEPTH) throw new MalformedError('attribute value is nested too deep');
  let value: unknown;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.range();
        value = word.readText(reader, reader.from, reader.to);
        break;
      case 2:
        reader.expect(WIRE.VARINT);
        value = reader.varint() !== 0;
        break;
      case 3:
        reader.expect(WIRE.VARINT);
        value = reader.signedVarint();
        break;
      case 4:
        reader.expect(WIRE.FIXED64);
        value = reader.double();
        break;
      case 5:
        value = readArray(reader, word, depth + 1);
        break;
      default:
        reader.skip();
    }
  }
  return value;
}

function readArray(reader: WireReader, word: Word, depth: number): unknown[] {
  // Nearly all hold one value, and to push it makes room for sixteen more.
  let values: unknown[] | undefined;
  reader.enter();
  while (reader.next()) {
    if (reader.field === 1) {
      reader.enter();
      const value = readValue(reader, word, depth);
      if (values === undefined) values = [value];
      else values.push(value);
      reader.leave();
    } else reader.skip();
  }
  reader.leave();
  return values ?? [];
}
