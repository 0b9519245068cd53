import {
  ByteReader,
  type CallEvidence,
  type CallRecord,
  type EvidenceRecord,
  type SpanPlace,
  type TaskCandidate,
  type TaskRecord,
} from '@costspan/aggregate';
import type { SpanNames } from '../evaluations.js';
import type { SpanRecord } from '../span-record.js';
import * as form from './span-form.js';

const { BITS, BITS_FORM, CALL, EVIDENCE, HAS, ID_FORM, NAMES, PLACE, TASK, TEXT } = form;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

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

/** Makes objects with their keys in the order in which reading a span does: V8 then takes them for the same kind. */
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
    const record: Mutable<SpanRecord> = {
      traceId: this.#text(TEXT.TRACE_ID),
      spanId: this.#id(''),
    };
    const { spanId } = record;
    if ((has & HAS.PLACE) !== 0) record.place = this.#place(spanId);
    if ((has & HAS.CALL) !== 0) record.call = this.#call(spanId, record.place?.parentSpanId);
    if ((has & HAS.TASK) !== 0) record.task = this.#task();
    if ((has & HAS.EVIDENCE) !== 0) record.evidence = this.#evidence(spanId);
    if ((has & HAS.NAMES) !== 0) record.names = this.#names(spanId);
    return record;
  }

  #place(ofSpan: string): SpanPlace {
    const has = this.#from.byte();
    const place: Mutable<SpanPlace> = {
      traceId: this.#text(TEXT.TRACE_ID),
      spanId: this.#id(ofSpan),
      parentSpanId: this.#id(''),
    };
    if ((has & PLACE.FEATURE) !== 0) place.feature = this.#text(TEXT.FEATURE);
    if ((has & PLACE.TASK) !== 0) place.task = this.#candidate(has, ofSpan);
    return place;
  }

  #candidate(has: number, ofSpan: string): TaskCandidate {
    const task: Mutable<TaskCandidate> = {
      id: this.#text(TEXT.TASK_ID),
      name: this.#text(TEXT.TASK_NAME),
      rank: this.#from.number(),
      isFinal: (has & PLACE.IS_FINAL) !== 0,
    };
    if ((has & PLACE.RECORD) !== 0) task.record = this.#task();
    if ((has & PLACE.NESTED) !== 0) {
      task.nested = {
        traceId: this.#text(TEXT.TRACE_ID),
        spanId: this.#id(ofSpan),
        nestedId: this.#text(TEXT.TASK_ID),
      };
    }
    return task;
  }

  #call(ofSpan: string, parentOfPlace: string | undefined): CallRecord {
    const from = this.#from;
    const has = from.uint32();
    const call: Mutable<CallRecord> = {
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
    };
    if ((has & CALL.PARENT_SPAN_ID) !== 0)
      call.parentSpanId = (has & CALL.PARENT_OF_PLACE) === 0 ? this.#id('') : parentOfPlace!;
    if ((has & CALL.EMITTER) !== 0) call.emitter = this.#text(TEXT.EMITTER);
    if ((has & CALL.RESPONSE_ID) !== 0) call.responseId = this.#id('');
    if ((has & CALL.SEEKS_FEATURE) !== 0) call.seeksFeature = true;
    if ((has & CALL.SEEKS_TASK) !== 0) call.seeksTask = true;
    if ((has & CALL.TASK) !== 0)
      call.task = { id: this.#text(TEXT.TASK_ID), name: this.#text(TEXT.TASK_NAME) };
    if ((has & CALL.TIME_TO_FIRST_CHUNK) !== 0) call.timeToFirstChunkSeconds = from.double();
    this.#readMeasures(call, has);
    return call;
  }

  #readMeasures(call: Mutable<CallRecord>, has: number): void {
    const from = this.#from;
    if ((has & CALL.TOKENS) !== 0) {
      call.tokens = {
        input: from.number(),
        cacheRead: from.number(),
        cacheWrite: from.number(),
        output: from.number(),
        reasoning: from.number(),
      };
    }
    if ((has & CALL.SAMPLE_COUNT) !== 0) call.sampleCount = from.number();
    if ((has & CALL.REQUEST_DIGEST) !== 0) call.requestDigest = this.#id('');
    if ((has & CALL.EVIDENCE) !== 0) {
      const evidence: Mutable<CallEvidence> = { bits: this.#bits(BITS.CALL) };
      if ((has & CALL.LAST_EVIDENCE) !== 0) evidence.lastBits = this.#bits(BITS.LAST_CALL);
      call.evidence = evidence;
    }
    if ((has & CALL.COST) !== 0) call.costPicoUsd = from.number();
    if ((has & CALL.COST_SOURCE) !== 0)
      call.costSource = this.#text(TEXT.COST_SOURCE) as NonNullable<CallRecord['costSource']>;
    if ((has & CALL.CACHE_SAVINGS) !== 0) call.cacheSavingsPicoUsd = from.number();
    if ((has & CALL.LIST_COST) !== 0) call.listCostPicoUsd = from.number();
    if ((has & CALL.LOCAL_COST) !== 0) call.localCostPicoUsd = from.number();
    if ((has & CALL.UNPRICED_REASON) !== 0) call.unpricedReason = this.#text(TEXT.REASON);
    if ((has & CALL.ESTIMATED_REASON) !== 0) call.estimatedReason = this.#text(TEXT.REASON);
    if ((has & CALL.SENT_TO) !== 0) call.sentTo = this.#text(TEXT.SENT_TO);
    if ((has & CALL.ASKED_AT) !== 0) call.askedAt = this.#text(TEXT.ASKED_AT);
  }

  #task(): TaskRecord {
    const from = this.#from;
    const has = from.byte();
    const [id, name] = [this.#text(TEXT.TASK_ID), this.#text(TEXT.TASK_NAME)];
    const service = this.#text(TEXT.SERVICE);
    const environment = this.#text(TEXT.ENVIRONMENT);
    const feature = this.#text(TEXT.FEATURE);
    const userTier = this.#text(TEXT.USER_TIER);
    const origin = { id, name, service, environment, feature, userTier };
    const task: Mutable<TaskRecord> =
      (has & TASK.START) === 0
        ? { ...origin, endMs: from.double() }
        : { ...origin, startMs: from.double(), endMs: from.double() };
    if ((has & TASK.PARENT_ID) !== 0) task.parentId = this.#text(TEXT.TASK_ID);
    if ((has & TASK.SESSION_ID) !== 0) task.sessionId = this.#id('');
    if ((has & TASK.EVIDENCE) !== 0) task.evidence = this.#bits(BITS.TASK);
    if ((has & TASK.OUTCOME) !== 0)
      task.outcome = this.#text(TEXT.OUTCOME) as NonNullable<TaskRecord['outcome']>;
    if ((has & TASK.OUTCOME_SOURCE) !== 0)
      task.outcomeSource = this.#text(TEXT.OUTCOME_SOURCE) as NonNullable<TaskRecord['outcomeSource']>;
    return task;
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
    const names: Mutable<SpanNames> = { taskId: this.#text(TEXT.TASK_ID), spanId: this.#id(ofSpan) };
    if ((has & NAMES.RESPONSE_ID) !== 0) names.responseId = this.#id('');
    return names;
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
