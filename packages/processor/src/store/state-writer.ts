import { ByteWriter, writeHex } from '@costspan/aggregate';
import type { StatePart } from '../state.js';
import { pack, packPieces } from './pack.js';
import {
  type Alike,
  INSIDE_SHIFT,
  LEDGER_ROWS,
  NODE,
  NODES,
  type Relay,
  SIGHTING,
  SIGHTINGS,
  type Sighting,
  type SpanNode,
  TASK_ROWS,
} from './state-form.js';

/** What an entry takes beside its texts, at most. */
const MAX_ENTRY_BYTES = 256;
const SPAN_ID_CHARS = 16;
const SIGHTING_ID_CHARS = 48;

/**
 * A part of a state as bytes: the places of spans and the calls that may be told again field by field, which takes a quarter
 * of the time that `pack` takes, with which all others are written. What is rows already is bytes to it.
 */
export function encodePart(part: StatePart): Buffer[] {
  if (part.part === 'task_rows') return [Buffer.of(TASK_ROWS), asBuffer(part.rows)];
  if (part.part === 'ledger_rows') return [Buffer.of(LEDGER_ROWS), asBuffer(part.rows)];
  return part.part === 'traces' ? [encodeTraces(part.traces)] : packPieces(part);
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

function encodeTraces(traces: (StatePart & { part: 'traces' })['traces']): Buffer {
  const { nodes, sightings, ...others } = traces;
  const isPlain = Object.keys(others).length > 0;
  if (!isPlain && sightings === undefined && nodes !== undefined)
    return WRITER.write(NODES, nodes, writeNode);
  if (!isPlain && nodes === undefined && sightings !== undefined)
    return WRITER.write(SIGHTINGS, sightings, writeAlike);
  return pack({ part: 'traces', traces });
}

/** Writes one part after another. */
class PartWriter {
  readonly to = new ByteWriter();
  readonly #places = new Map<string, number>();
  /** By their ids. */
  readonly sightings = new Map<string, number>();
  /** Of the last span. */
  traceId = '';

  write<T>(kind: number, values: readonly T[], writeOne: (writer: PartWriter, value: T) => void): Buffer {
    const { to } = this;
    to.length = 0;
    to.reserve(MAX_ENTRY_BYTES);
    to.byte(kind);
    to.varint(values.length);
    for (const value of values) {
      to.reserve(MAX_ENTRY_BYTES);
      writeOne(this, value);
    }
    this.#places.clear();
    this.sightings.clear();
    this.traceId = '';
    return to.take();
  }

  /** A text that does not come again; then there is room for an entry again. */
  text(text: string): void {
    this.to.text(text);
    this.to.reserve(MAX_ENTRY_BYTES);
  }

  common(text: string): void {
    const known = this.#places.get(text);
    const place = known ?? this.#places.size + 1;
    this.to.varint(place);
    if (known !== undefined) return;
    this.#places.set(text, place);
    this.text(text);
  }

  /** An id whose form stands elsewhere. */
  id(id: string, isSpanId: boolean): void {
    if (!isSpanId) this.text(id);
    else this.to.length += SPAN_ID_CHARS / 2;
  }
}

function writeNode(writer: PartWriter, node: SpanNode): void {
  const { to } = writer;
  const { spanId, traceId, parentSpanId, own, inside } = node;
  const flagsAt = to.length;
  to.byte(0);
  to.byte(own | (inside << INSIDE_SHIFT));
  let flags = traceId === writer.traceId ? NODE.SAME_TRACE : 0;
  if (flags === 0) writer.text(traceId);
  writer.traceId = traceId;
  flags |= writeId(writer, spanId, NODE.SPAN_ID);
  if (parentSpanId === '') flags |= NODE.AT_ROOT;
  else if (parentSpanId !== undefined)
    flags |= NODE.INSIDE_ANOTHER | writeId(writer, parentSpanId, NODE.PARENT_ID);
  to.bytes[flagsAt] = flags;
}

/** The flag where it is of eight bytes. */
function writeId(writer: PartWriter, id: string, flag: number): number {
  const { to } = writer;
  const isSpanId = id.length === SPAN_ID_CHARS && writeHex(id, to.bytes, to.length);
  writer.id(id, isSpanId);
  return isSpanId ? flag : 0;
}

function writeAlike(writer: PartWriter, [key, sightings]: Alike): void {
  writer.text(key);
  writer.to.varint(sightings.length);
  for (const sighting of sightings) {
    const known = writer.sightings.get(sighting.id);
    const place = known ?? writer.sightings.size + 1;
    writer.to.reserve(MAX_ENTRY_BYTES);
    writer.to.varint(place);
    if (known !== undefined) continue;
    writer.sightings.set(sighting.id, place);
    writeSighting(writer, sighting);
  }
}

function writeSighting(writer: PartWriter, sighting: Sighting): void {
  const { to } = writer;
  const { id, emitter, startMs, endMs, weight, responseId, relay, claimedBy } = sighting;
  const hasIds = id.length === SIGHTING_ID_CHARS && writeHex(id, to.bytes, to.length + 1);
  to.byte(
    (hasIds ? SIGHTING.IDS : 0) |
      (responseId === undefined ? 0 : SIGHTING.RESPONSE_ID) |
      (claimedBy.length === 0 ? 0 : SIGHTING.CLAIMED) |
      (relay === undefined ? 0 : SIGHTING.RELAY) |
      (relay?.sentTo === undefined ? 0 : SIGHTING.SENT_TO) |
      (relay?.askedAt === undefined ? 0 : SIGHTING.ASKED_AT),
  );
  if (hasIds) to.length += SIGHTING_ID_CHARS / 2;
  else writer.text(id);
  writer.common(emitter);
  to.double(startMs);
  to.double(endMs);
  to.byte(weight);
  if (responseId !== undefined) writer.text(responseId);
  if (relay !== undefined) writeRelay(writer, relay);
  if (claimedBy.length === 0) return;
  to.varint(claimedBy.length);
  for (const claimant of claimedBy) writer.common(claimant);
}

function writeRelay(writer: PartWriter, { sentTo, askedAt, model, ...known }: Relay): void {
  const { to } = writer;
  if (sentTo !== undefined) writer.common(sentTo);
  if (askedAt !== undefined) writer.common(askedAt);
  writer.common(model);
  to.number(known.input);
  to.number(known.output);
  to.byte(known.links);
}

const WRITER = new PartWriter();
