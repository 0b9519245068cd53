import { isHexId, type SpanView } from '@costspan/aggregate';
import { DEFAULT_CONFIG } from '@costspan/config';
import {
  ATTR,
  CONTENT_ATTRIBUTES,
  DIALECT_ATTR,
  ENTRY_ATTR,
  EVALUATION_EVENT,
  EXCEPTION_EVENT,
  INFERENCE_OPERATIONS,
  INSTRUMENTATION_SCOPE,
  SAME_AS,
} from '@costspan/semconv';
import { translateSpan } from './dialects.js';
import { UNREAD_ATTRIBUTES } from './unread.js';
import { Vocabulary } from './vocabulary.js';

/** What one request holds. */
export interface SpanBatch {
  readonly spans: readonly SpanView[];
  /** Spans that were left out, each for a reason; OTLP calls the rest a partial success. */
  readonly rejected: readonly SpanRejection[];
}

/** Why a span was left out; a label value. */
export type SpanRejection = 'invalid_trace_id' | 'invalid_span_id' | 'invalid_time' | 'misnamed_fields';

/** What the sender is told of spans that were left out. */
export const describeRejections = (rejected: readonly SpanRejection[]): string =>
  [...new Set(rejected)]
    .map((reason) => (reason === 'misnamed_fields' ? `${reason}: ${MISNAMED_FIX}` : reason))
    .join(', ');
const MISNAMED_FIX =
  'in the JSON of OTLP they are written resourceSpans and scopeSpans, and so on, in lowerCamelCase';

/** Characters of the name of an instrumentation: it is looked at for each span, and kept with each call. */
export const MAX_SCOPE_CHARS = 200;

/** Arrays and maps in attribute values go this deep; nothing that is read is nested at all. */
export const MAX_VALUE_DEPTH = 16;

const CONTENT = new Set(CONTENT_ATTRIBUTES);
/** Foreign names of what somebody asks for. */
const FOREIGN = Object.entries(SAME_AS).flatMap(([name, target]) =>
  UNREAD_ATTRIBUTES.has(target) ? [] : [name],
);
const WANTED = new Set<string>(
  [...Object.values(ATTR), ...Object.values(ENTRY_ATTR), ...Object.values(DIALECT_ATTR), ...FOREIGN].filter(
    (name) => !CONTENT.has(name) && !UNREAD_ATTRIBUTES.has(name),
  ),
);

/** What counts the requests to provider-hosted tools, whose names are not known beforehand. */
const USAGE_PREFIX = ATTR.USAGE_STATUS.replace(/[^.]+$/, '');
const isUsage = (name: string): boolean => name.startsWith(USAGE_PREFIX) && !UNREAD_ATTRIBUTES.has(name);

/** Events of spans that anything reads. */
const WANTED_EVENTS: readonly string[] = [EXCEPTION_EVENT, EVALUATION_EVENT];

/** Limits of one span: what is beyond them is left out, and counted. */
export type SpanLimit = 'span_attributes' | 'span_events';

/** What is decoded beyond what the conventions name, how much of it, and until when a clock is believed. */
export interface DecodeOptions {
  /** Attributes that the outcome rules name. */
  readonly attributeNames?: ReadonlySet<string>;
  /** Attributes of a span that nobody has named beforehand. */
  readonly spanAttributes?: number;
  /** Events of a span. */
  readonly spanEvents?: number;
  /** Told of each one that a limit leaves out. */
  readonly onLimit?: (limit: SpanLimit) => void;
  /** Spans that end after it have an absurd clock. Milliseconds since the epoch. */
  readonly latestMs?: number;
}

type Attributes = Readonly<Record<string, unknown>>;

/**
 * What of a request is decoded. All other attributes are passed over: prompts above all. Those that somebody has named
 * beforehand are as many as their list; the others have a limit.
 */
export class Selection {
  /** The keys of attributes, known by their bytes. */
  readonly words: Vocabulary;
  readonly #names: ReadonlySet<string>;
  readonly #maxAttributes: number;
  readonly #maxEvents: number;
  readonly #onLimit: (limit: SpanLimit) => void;
  /** The attributes that were last asked about, and how many of them nobody had named. */
  #last: Attributes | undefined;
  #lastCount = 0;

  constructor({ attributeNames, spanAttributes, spanEvents, onLimit }: DecodeOptions) {
    this.#maxAttributes = spanAttributes ?? DEFAULT_CONFIG.limits.spanAttributes;
    this.#maxEvents = spanEvents ?? DEFAULT_CONFIG.limits.spanEvents;
    this.#onLimit = onLimit ?? (() => {});
    const { names, words } = readWanted(attributeNames);
    this.#names = names;
    this.words = words;
  }

  /** Whether the attribute is decoded into these. */
  wants(name: string, attributes: Attributes): boolean {
    if (this.#names.has(name)) return true;
    if (!isUsage(name)) return false;
    if (Object.hasOwn(attributes, name)) return true;
    if (attributes !== this.#last) {
      this.#last = attributes;
      this.#lastCount = Object.keys(attributes).filter((key) => !this.#names.has(key)).length;
    }
    if (this.#lastCount >= this.#maxAttributes) {
      this.#onLimit('span_attributes');
      return false;
    }
    this.#lastCount += 1;
    return true;
  }

  /** Whether the event is kept by a span that has so many. */
  wantsEvent(name: string, count: number): boolean {
    if (!WANTED_EVENTS.includes(name)) return false;
    if (count < this.#maxEvents) return true;
    this.#onLimit('span_events');
    return false;
  }
}

/** What is known of the names that are wanted. */
interface Wanted {
  readonly names: ReadonlySet<string>;
  readonly words: Vocabulary;
}

/** Words are learned once, not for each request; other outcome rules want others. */
const wanted = new WeakMap<ReadonlySet<string>, Wanted>();
const NO_NAMES: ReadonlySet<string> = new Set();

function readWanted(ofRules = NO_NAMES): Wanted {
  const known = wanted.get(ofRules);
  if (known !== undefined) return known;
  const names = new Set([...WANTED, ...ofRules]);
  const words = new Vocabulary((name) => {
    if (names.has(name)) return 'named';
    return isUsage(name) ? 'counted' : 'unwanted';
  });
  wanted.set(ofRules, { names, words });
  return { names, words };
}

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
/** Some emitters write the id of no span for none; what is no id at all is no reason to refuse the span. */
export const readParentId = (spanId: string): string => (isHexId(spanId, SPAN_ID_DIGITS) ? spanId : '');
/** 1 January 2000: before that, there was nothing to call. */
const MIN_MS = 946_684_800_000;
/** An exact double still holds microseconds, and `Date` the instant. */
const MAX_MS = 8_000_000_000_000;

/** Why this span cannot be counted; undefined when it can. */
export function findRejection(span: SpanView, latestMs: number): SpanRejection | undefined {
  if (!isHexId(span.traceId, TRACE_ID_DIGITS)) return 'invalid_trace_id';
  if (!isHexId(span.spanId, SPAN_ID_DIGITS)) return 'invalid_span_id';
  const hasTime =
    span.startMs >= MIN_MS && span.endMs >= MIN_MS && span.startMs < latestMs && span.endMs < latestMs;
  return hasTime ? undefined : 'invalid_time';
}

/**
 * An order in which what is inside comes before what is around it, costspan's own calls before what others tell, and
 * what tells no usage last: of two spans that tell one call the first counts, a layer's copy of a stream may end before
 * the stream, and some layers count tokens of their own.
 */
export function orderSpans(spans: readonly SpanView[]): SpanView[] {
  const ofRank = RANKS.map((): SpanView[] => []);
  for (const span of spans) ofRank[rankOf(span)]!.push(span);
  return ofRank.flatMap((some) => some.sort((a, b) => a.endMs - b.endMs || b.startMs - a.startMs));
}

/** Own calls with usage, everything else, and calls without. */
const RANKS = [0, 1, 2] as const;

function rankOf({ scopeName, attributes }: SpanView): (typeof RANKS)[number] {
  if (!INFERENCE_OPERATIONS.includes(String(attributes[ATTR.OPERATION_NAME]))) return 1;
  const isBare =
    attributes[ATTR.USAGE_INPUT_TOKENS] === undefined &&
    attributes[ATTR.USAGE_OUTPUT_TOKENS] === undefined &&
    attributes[ATTR.USAGE_COST_AMOUNT] === undefined;
  if (isBare) return 2;
  return scopeName === INSTRUMENTATION_SCOPE ? 0 : 1;
}

/**
 * The spans of one request, each taken for what its emitter means by it. One at a time: of what cannot be counted
 * nothing is kept, so that a body of millions of nothings fills no memory.
 */
export class SpanCollector implements SpanBatch {
  readonly spans: SpanView[] = [];
  readonly rejected: SpanRejection[] = [];
  readonly #latestMs: number;

  constructor({ latestMs = MAX_MS }: DecodeOptions) {
    this.#latestMs = latestMs;
  }

  /** A span that is whole, its resource too. `foreign`: names among its attributes that some emitters alone write. */
  add(span: SpanView, foreign?: readonly string[]): void {
    const rejection = findRejection(span, this.#latestMs);
    if (rejection === undefined) this.spans.push(translateSpan(span, foreign));
    else this.rejected.push(rejection);
  }

  /** One that cannot even be read. */
  refuse(rejection: SpanRejection): void {
    this.rejected.push(rejection);
  }
}
