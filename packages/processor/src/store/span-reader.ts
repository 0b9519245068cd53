import {
  ByteReader,
  type CallEvidence,
  type CallRecord,
  type EvidenceRecord,
  type NestedSpan,
  type SpanPlace,
  type TaskCandidate,
  type TaskRecord,
  type TokenPartition,
} from '@costspan/aggregate';
import type { SpanNames } from '../evaluations.js';
import type { SpanRecord } from '../span-record.js';
import * as form from './span-form.js';

const { BITS, BITS_FORM, CALL, EVIDENCE, HAS, ID_FORM, NAMES, PLACE, TASK, TEXT } = form;

/** What an entry holds. */
export interface Spans {
  readonly nowMs: number;
  readonly spans: SpanRecord[];
}

/** Reads what {@link encodeSpans} has written; throws a RangeError where it is none of that. */
export function decodeSpans(bytes: Buffer): Spans {
  const from = new ByteReader(bytes);
  if (from.byte() !== form.SPANS) throw new RangeError('this is no entry of spans');
  const nowMs = from.double();
  const reader = new SpanReader(from);
  const spans: SpanRecord[] = [];
  for (let rest = from.varint(); rest > 0; rest -= 1) spans.push(reader.span());
  if (!from.isAtEnd) throw new RangeError('there is more than the spans');
  return { nowMs, spans };
}

/** Texts that do not come again in other entries. */
const IS_OF_ONE_ENTRY: readonly boolean[] = Array.from(
  { length: form.TEXT_FIELDS },
  (_, field) => field === TEXT.TRACE_ID || field === TEXT.TASK_ID,
);

/**
 * Makes objects with all of their keys, in the order in which reading a span does: V8 then takes them for the same kind,
 * whatever is known of them.
 */
class SpanReader {
  readonly #from: ByteReader;
  readonly #texts: string[] = [];
  readonly #lastTexts = new Array<string>(form.TEXT_FIELDS).fill('');
  readonly #lastBits = new Array<bigint>(form.BITS_FIELDS).fill(0n);

  constructor(from: ByteReader) {
    this.#from = from;
  }

  span(): SpanRecord {
    const has = this.#from.byte();
    const traceId = this.#text(TEXT.TRACE_ID);
    const spanId = this.#id('');
    const place = (has & HAS.PLACE) === 0 ? undefined : this.#place(spanId);
    return {
      traceId,
      spanId,
      place,
      call: (has & HAS.CALL) === 0 ? undefined : this.#call(spanId, place?.parentSpanId),
      task: (has & HAS.TASK) === 0 ? undefined : this.#task(),
      evidence: (has & HAS.EVIDENCE) === 0 ? undefined : this.#evidence(spanId),
      names: (has & HAS.NAMES) === 0 ? undefined : this.#names(spanId),
    };
  }

  #place(ofSpan: string): SpanPlace {
    const has = this.#from.byte();
    return {
      traceId: this.#text(TEXT.TRACE_ID),
      spanId: this.#id(ofSpan),
      parentSpanId: this.#id(''),
      feature: (has & PLACE.FEATURE) === 0 ? undefined : this.#text(TEXT.FEATURE),
      task: (has & PLACE.TASK) === 0 ? undefined : this.#candidate(has, ofSpan),
    };
  }

  #candidate(has: number, ofSpan: string): TaskCandidate {
    return {
      id: this.#text(TEXT.TASK_ID),
      name: this.#text(TEXT.TASK_NAME),
      rank: this.#from.number(),
      isFinal: (has & PLACE.IS_FINAL) !== 0,
      record: (has & PLACE.RECORD) === 0 ? undefined : this.#task(),
      nested: (has & PLACE.NESTED) === 0 ? undefined : this.#nested(ofSpan),
    };
  }

  #nested(ofSpan: string): NestedSpan {
    return {
      traceId: this.#text(TEXT.TRACE_ID),
      spanId: this.#id(ofSpan),
      nestedId: this.#text(TEXT.TASK_ID),
    };
  }

  #call(ofSpan: string, parentOfPlace: string | undefined): CallRecord {
    const from = this.#from;
    const has = from.uint32();
    return {
      traceId: this.#text(TEXT.TRACE_ID),
      spanId: this.#id(ofSpan),
      service: this.#text(TEXT.SERVICE),
      environment: this.#text(TEXT.ENVIRONMENT),
      feature: this.#text(TEXT.FEATURE),
      userTier: this.#text(TEXT.USER_TIER),
      tenant: this.#text(TEXT.TENANT),
      provider: this.#text(TEXT.PROVIDER),
      model: this.#text(TEXT.MODEL),
      operation: this.#text(TEXT.OPERATION),
      mode: this.#text(TEXT.MODE) as CallRecord['mode'],
      status: this.#text(TEXT.STATUS) as CallRecord['status'],
      endMs: from.double(),
      durationSeconds: from.double(),
      retries: from.number(),
      parentSpanId: (has & CALL.PARENT_SPAN_ID) === 0 ? undefined : this.#parentId(has, parentOfPlace),
      emitter: this.#textOf(TEXT.EMITTER, has & CALL.EMITTER),
      responseId: (has & CALL.RESPONSE_ID) === 0 ? undefined : this.#id(''),
      seeksFeature: (has & CALL.SEEKS_FEATURE) === 0 ? undefined : true,
      seeksTask: (has & CALL.SEEKS_TASK) === 0 ? undefined : true,
      task:
        (has & CALL.TASK) === 0
          ? undefined
          : { id: this.#text(TEXT.TASK_ID), name: this.#text(TEXT.TASK_NAME) },
      timeToFirstChunkSeconds: (has & CALL.TIME_TO_FIRST_CHUNK) === 0 ? undefined : from.double(),
      tokens: (has & CALL.TOKENS) === 0 ? undefined : this.#tokens(),
      sampleCount: this.#numberOf(has & CALL.SAMPLE_COUNT),
      requestDigest: (has & CALL.REQUEST_DIGEST) === 0 ? undefined : this.#id(''),
      evidence: (has & CALL.EVIDENCE) === 0 ? undefined : this.#callEvidence(has),
      costPicoUsd: this.#numberOf(has & CALL.COST),
      costSource: this.#textOf(TEXT.COST_SOURCE, has & CALL.COST_SOURCE) as CallRecord['costSource'],
      cacheSavingsPicoUsd: this.#numberOf(has & CALL.CACHE_SAVINGS),
      listCostPicoUsd: this.#numberOf(has & CALL.LIST_COST),
      localCostPicoUsd: this.#numberOf(has & CALL.LOCAL_COST),
      unpricedReason: this.#textOf(TEXT.REASON, has & CALL.UNPRICED_REASON),
      estimatedReason: this.#textOf(TEXT.REASON, has & CALL.ESTIMATED_REASON),
      sentTo: this.#textOf(TEXT.SENT_TO, has & CALL.SENT_TO),
      askedAt: this.#textOf(TEXT.ASKED_AT, has & CALL.ASKED_AT),
    };
  }

  #parentId(has: number, ofPlace: string | undefined): string {
    return (has & CALL.PARENT_OF_PLACE) === 0 ? this.#id('') : ofPlace!;
  }

  #tokens(): TokenPartition {
    const from = this.#from;
    return {
      input: from.number(),
      cacheRead: from.number(),
      cacheWrite: from.number(),
      output: from.number(),
      reasoning: from.number(),
    };
  }

  #callEvidence(has: number): CallEvidence {
    return {
      bits: this.#bits(BITS.CALL),
      lastBits: (has & CALL.LAST_EVIDENCE) === 0 ? undefined : this.#bits(BITS.LAST_CALL),
    };
  }

  #task(): TaskRecord {
    const from = this.#from;
    const has = from.byte();
    return {
      id: this.#text(TEXT.TASK_ID),
      name: this.#text(TEXT.TASK_NAME),
      service: this.#text(TEXT.SERVICE),
      environment: this.#text(TEXT.ENVIRONMENT),
      feature: this.#text(TEXT.FEATURE),
      userTier: this.#text(TEXT.USER_TIER),
      startMs: (has & TASK.START) === 0 ? undefined : from.double(),
      endMs: from.double(),
      parentId: this.#textOf(TEXT.TASK_ID, has & TASK.PARENT_ID),
      sessionId: (has & TASK.SESSION_ID) === 0 ? undefined : this.#id(''),
      evidence: (has & TASK.EVIDENCE) === 0 ? undefined : this.#bits(BITS.TASK),
      outcome: this.#textOf(TEXT.OUTCOME, has & TASK.OUTCOME) as TaskRecord['outcome'],
      outcomeSource: this.#textOf(
        TEXT.OUTCOME_SOURCE,
        has & TASK.OUTCOME_SOURCE,
      ) as TaskRecord['outcomeSource'],
    };
  }

  #evidence(ofSpan: string): EvidenceRecord {
    const has = this.#from.byte();
    if ((has & EVIDENCE.NAMES_TASK) !== 0)
      return { taskId: this.#text(TEXT.TASK_ID), bits: this.#bits(BITS.EVIDENCE) };
    return {
      traceId: this.#text(TEXT.TRACE_ID),
      spanId: this.#id(ofSpan),
      bits: this.#bits(BITS.EVIDENCE),
    };
  }

  #names(ofSpan: string): SpanNames {
    const has = this.#from.byte();
    return {
      taskId: this.#text(TEXT.TASK_ID),
      spanId: this.#id(ofSpan),
      ...((has & NAMES.RESPONSE_ID) === 0 ? {} : { responseId: this.#id('') }),
    };
  }

  /** Of a field that is not in all spans. */
  #textOf(field: number, isThere: number): string | undefined {
    return isThere === 0 ? undefined : this.#text(field);
  }

  #numberOf(isThere: number): number | undefined {
    return isThere === 0 ? undefined : this.#from.number();
  }

  #text(field: number): string {
    const place = this.#from.varint();
    if (place === 0) return this.#lastTexts[field]!;
    let text = this.#texts[place - 1];
    if (text === undefined) {
      if (place !== this.#texts.length + 1) throw new RangeError('a text is used before it is known');
      text = this.#from.text(!IS_OF_ONE_ENTRY[field]);
      this.#texts.push(text);
    }
    this.#lastTexts[field] = text;
    return text;
  }

  #id(ofSpan: string): string {
    const kind = this.#from.byte();
    switch (kind) {
      case ID_FORM.EMPTY:
        return '';
      case ID_FORM.SPAN_ID:
        return this.#from.hex8();
      case ID_FORM.TEXT:
        return this.#from.text(false);
      case ID_FORM.OF_SPAN:
        return ofSpan;
      default:
        throw new RangeError('an id has a form that is not known');
    }
  }

  #bits(field: number): bigint {
    const kind = this.#from.byte();
    if (kind === BITS_FORM.SAME) return this.#lastBits[field]!;
    const bits = BigInt(kind === BITS_FORM.NUMBER ? this.#from.varint() : this.#from.text(false));
    this.#lastBits[field] = bits;
    return bits;
  }
}
