import type { AttributeList } from './attribute-list.js';
import { isWanted } from './decode-attributes.js';
import {
  expectObject,
  forEachMember,
  forEachMemberAfter,
  forEachObject,
  isArrayHere,
  isObjectHere,
  Members,
} from './json-members.js';
import { ARRAY, type JsonReader, patternOf } from './json-reader.js';
import type { Repeat, Repeats, ValueForm } from './json-repeats.js';
import type { Pattern } from './pattern.js';
import { MAX_VALUE_DEPTH, type Selection } from './spans.js';
import type { Word } from './vocabulary.js';
import { MalformedError, readText as readPlain, viewOf } from './wire.js';

/** What attributes are read with. */
interface Reading {
  readonly reader: JsonReader;
  readonly selection: Selection;
  readonly repeats: Repeats;
}

const ATTRIBUTE = new Members('key', 'value');
const VALUE = new Members('stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue');
const ARRAY_VALUE = new Members('values');

/** As everybody writes an attribute: what stands before its key, and behind its value. */
const [BEFORE_KEY, BEHIND, BEHIND_VALUE] = [patternOf('{"key":"'), patternOf('}'), patternOf('}}')];
/** What stands before values, the usual ones first. */
const BEFORE_VALUE: readonly (readonly [ValueForm, Pattern])[] = [
  ['text', patternOf(',"value":{"stringValue":"')],
  ['quoted_integer', patternOf(',"value":{"intValue":"')],
  ['integer', patternOf(',"value":{"intValue":')],
  ['double', patternOf(',"value":{"doubleValue":')],
  ['other', patternOf(',"value":')],
];

/** The array of attributes that stands here. */
export function readAttributes(reading: Reading, attributes: AttributeList): void {
  const { reader } = reading;
  if (!isArrayHere(reader, 'attributes') || !reader.enter(ARRAY)) return;
  do {
    const start = reader.position;
    if (readUsual(reading, attributes)) continue;
    reader.position = start;
    expectObject(reader, 'attributes');
    readUnusual(reading, attributes);
  } while (reader.more(ARRAY));
}

/** Of what a span holds, nearly all is this, and most of that is passed over. False where it stands in another way. */
function readUsual(reading: Reading, attributes: AttributeList): boolean {
  const { reader, selection, repeats } = reading;
  const repeat = repeats.passLikely(reader) ?? findRepeat(reading);
  if (repeat === undefined) return false;
  if (!repeat.passesValue(reader)) return readNew(reading, repeat, attributes);
  const { word, value } = repeat;
  if (isWanted(selection, word, attributes.unlisted)) attributes.add(word, copyValue(value));
  return true;
}

/** Passes all before a value; undefined where it stands in another way, or the key has escapes. */
function findRepeat({ reader, selection, repeats }: Reading): Repeat | undefined {
  const from = reader.position;
  if (!reader.passes(BEFORE_KEY)) return undefined;
  reader.passRest();
  if (!reader.isPlain) return undefined;
  const word = selection.words.find(reader, reader.from, reader.to);
  for (const [form, before] of BEFORE_VALUE)
    if (reader.passes(before)) return repeats.find(reader, from, { word, form });
  return undefined;
}

/** A value that is not the one of the last time. */
function readNew(reading: Reading, repeat: Repeat, attributes: AttributeList): boolean {
  if (repeat.form === 'text') return readText(reading, repeat, attributes);
  if (repeat.form === 'other') return readOther(reading, repeat, attributes);
  return readNumeric(reading, repeat, attributes);
}

function readText({ reader, selection }: Reading, repeat: Repeat, attributes: AttributeList): boolean {
  const { position: from } = reader;
  const { word } = repeat;
  reader.passRest();
  if (!reader.passes(BEHIND_VALUE)) return false;
  if (isWanted(selection, word, attributes.unlisted)) {
    const text = readTextOf(reader, word);
    attributes.add(word, text);
    repeat.remember(reader, from, text);
  } else if (word.name === undefined) repeat.remember(reader, from, undefined);
  return true;
}

function readNumeric({ reader, selection }: Reading, repeat: Repeat, attributes: AttributeList): boolean {
  const { position: from } = reader;
  const { word, form } = repeat;
  if (form === 'quoted_integer') reader.passRest();
  else if (reader.isAtNumber()) reader.passNumber();
  else return false;
  if (!reader.passes(BEHIND_VALUE)) return false;
  let value: number | undefined;
  if (word.name !== undefined) {
    value = form === 'quoted_integer' ? reader.readDecimal() : reader.readNumber();
    if (value === undefined || (form !== 'double' && !Number.isInteger(value))) return false;
    if (isWanted(selection, word, attributes.unlisted)) attributes.add(word, value);
  }
  repeat.remember(reader, from, value);
  return true;
}

function readOther(reading: Reading, repeat: Repeat, attributes: AttributeList): boolean {
  const { reader } = reading;
  const { position: from } = reader;
  const { word } = repeat;
  const value = readValueOf(reading, word, attributes);
  if (!reader.passes(BEHIND)) return false;
  if (word.name === undefined || isSimple(value)) repeat.remember(reader, from, value);
  else if (Array.isArray(value) && value.every(isSimple)) repeat.remember(reader, from, [...value]);
  return true;
}

const isSimple = (value: unknown): boolean => value !== undefined && typeof value !== 'object';

/** Whoever gets a list may change it. */
const copyValue = (value: unknown): unknown => (Array.isArray(value) ? [...value] : value);

/** In whatever order they stand, a value is read for a key that is wanted. */
function readUnusual(reading: Reading, attributes: AttributeList): void {
  const { reader, selection } = reading;
  let word: Word | undefined;
  forEachMemberAfter(reader, { members: ATTRIBUTE, first: 'key' }, (name) => {
    if (name === 'key') {
      const key = Buffer.from(readString(reader, 'key'));
      word = selection.words.find({ bytes: key, view: viewOf(key) }, 0, key.length);
    } else if (word === undefined) reader.skip();
    else readValueOf(reading, word, attributes);
  });
}

/** The value, where it is wanted. */
function readValueOf({ reader, selection }: Reading, word: Word, attributes: AttributeList): unknown {
  if (!isObjectHere(reader, 'value')) return undefined;
  if (!isWanted(selection, word, attributes.unlisted)) {
    reader.skip();
    return undefined;
  }
  const value = readValue(reader, word, 0);
  attributes.add(word, value);
  return value;
}

/** Maps and bytes are nothing that is read. */
function readValue(reader: JsonReader, word: Word, depth: number): unknown {
  if (depth > MAX_VALUE_DEPTH) throw new MalformedError('attribute value is nested too deep');
  let value: unknown;
  forEachMember(reader, VALUE, (name) => {
    if (reader.passesNull()) return;
    if (name === 'arrayValue') value = readArray(reader, word, depth + 1);
    else if (name === 'intValue') value = readInteger(reader);
    else if (name === 'doubleValue') value = readDouble(reader);
    else if (name === 'stringValue' && reader.isAtText()) {
      reader.passText();
      value = readTextOf(reader, word);
    } else if (name === 'boolValue' && reader.isAtBoolean()) value = reader.boolean();
    else reader.skip();
  });
  return value;
}

function readArray(reader: JsonReader, word: Word, depth: number): unknown[] {
  const values: unknown[] = [];
  if (!isObjectHere(reader, 'arrayValue')) return values;
  forEachMember(reader, ARRAY_VALUE, (name) =>
    forEachObject(reader, name, () => values.push(readValue(reader, word, depth))),
  );
  return values;
}

/** The same, as a value of this word. */
const readTextOf = (reader: JsonReader, word: Word): string =>
  reader.isPlain ? word.readText(reader, reader.from, reader.to) : reader.readEscaped();

/** A number as text: the JSON form of protobuf allows it for every kind of number. */
const NUMBER = /^-?\d{1,20}(\.\d{1,20})?(e[+-]?\d{1,3})?$/i;

function readInteger(reader: JsonReader): number {
  const number = readNumber(reader);
  if (typeof number === 'number' && Number.isInteger(number)) return number;
  throw new MalformedError('intValue is not a whole number');
}

function readDouble(reader: JsonReader): number {
  const number = readNumber(reader);
  if (typeof number === 'number') return number;
  if (number === 'NaN' || number === 'Infinity' || number === '-Infinity') return Number(number);
  throw new MalformedError('doubleValue is not a number');
}

/** The text where it is no number. */
function readNumber(reader: JsonReader): number | string | undefined {
  if (reader.isAtNumber()) return reader.number();
  if (!reader.isAtText()) return undefined;
  reader.passText();
  const decimal = reader.readDecimal();
  if (decimal !== undefined) return decimal;
  const text = readPassed(reader);
  return NUMBER.test(text) ? Number(text) : text;
}

/** The text that stands here, '' for null. `name`: for the error; `word`: of what comes again and again. */
export function readString(reader: JsonReader, name: string, word?: Word): string {
  if (reader.passesNull()) return '';
  if (!reader.isAtText()) throw new MalformedError(`${name} is not a text`);
  reader.passText();
  return word === undefined ? readPassed(reader) : readTextOf(reader, word);
}

/** The text that was passed last. */
const readPassed = (reader: JsonReader): string =>
  reader.isPlain ? readPlain(reader.bytes, reader.from, reader.to) : reader.readEscaped();
