import {
  type CallStatus,
  type CostSource,
  INSTRUMENTATION_SCOPE,
  type Operation,
  type Outcome,
  type OutcomeSource,
  type PriceMode,
  type ProviderName,
} from '@costspan/semconv';

/** Tokens of one call as the partition that `llm_tokens_total` counts: the sum is the total, nothing twice. */
export interface TokenPartition {
  /** Input that was neither read from nor written to a cache. */
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Visible output. */
  readonly output: number;
  readonly reasoning: number;
}

/**
 * One model call, whoever reported it: in-process, OTLP, replay from a ledger. What is not known is absent or undefined,
 * which is the same; who makes many has all of the keys in each, for V8 finds its way through objects of one kind alone
 * without a search.
 */
export interface CallRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly service: string;
  readonly environment: string;
  readonly feature: string;
  readonly userTier: string;
  readonly tenant: string;
  /** Of the span around it, empty at the root; absent where spans are not seen in their traces. */
  readonly parentSpanId?: string | undefined;
  /** Name of the instrumentation that told it. */
  readonly emitter?: string | undefined;
  /** The provider's id of the answer, of a run that has none {@link SESSION} and its session: two may tell one call. */
  readonly responseId?: string | undefined;
  /** Host that it was sent to, with the port where that is not the usual one; of costspan's own reports alone. */
  readonly sentTo?: string | undefined;
  /** Host that a request was sent to that asks a model, and for which it was made: its service is a gateway there. */
  readonly askedAt?: string | undefined;
  /** Nobody names its feature: the spans around it may tell which one it serves. */
  readonly seeksFeature?: true | undefined;
  /** Its emitter knows no tasks: the spans around it may tell which one it belongs to. */
  readonly seeksTask?: true | undefined;
  /** The task this call belongs to, when it belongs to one. */
  readonly task?: { readonly id: string; readonly name: string } | undefined;
  readonly provider: ProviderName;
  readonly model: string;
  readonly operation: Operation;
  readonly mode: PriceMode;
  readonly status: CallStatus;
  readonly endMs: number;
  readonly durationSeconds: number;
  readonly timeToFirstChunkSeconds?: number | undefined;
  /** Attempts beyond the first. */
  readonly retries: number;
  readonly tokens?: TokenPartition | undefined;
  /** Whole pico-USD; `undefined` is unknown, never 0. */
  readonly costPicoUsd?: number | undefined;
  readonly costSource?: CostSource | undefined;
  /** The cost at list price; absent where that is the cost. */
  readonly listCostPicoUsd?: number | undefined;
  /** What the price table says, where the provider reported the cost. */
  readonly localCostPicoUsd?: number | undefined;
  /** Set when the cost is unknown or only in part. */
  readonly unpricedReason?: string | undefined;
  /** Why the cost is an estimate; absent when it is none. */
  readonly estimatedReason?: string | undefined;
  /** Calls that it stands for, where traces are sampled; tokens and amounts are theirs. Default 1. */
  readonly sampleCount?: number | undefined;
  readonly cacheSavingsPicoUsd?: number | undefined;
  /** Equal for calls that ask the same: within a task all but the first of them are waste. */
  readonly requestDigest?: string | undefined;
  readonly evidence?: CallEvidence | undefined;
}

/**
 * Whether it is part of a call that another service has sent to a gateway of one's own: costspan has told it and left to
 * that one whom it is for.
 */
export const isRelayed = ({ emitter, seeksFeature }: Pick<CallRecord, 'emitter' | 'seeksFeature'>): boolean =>
  seeksFeature === true && emitter === INSTRUMENTATION_SCOPE;

/** Before the session of a run, which stands for the id of an answer. */
export const SESSION = 'session ';

/** What a call shows for the outcome rules: bits of an {@link OutcomeJudge}. */
export interface CallEvidence {
  /** Whatever call of the task it is. */
  readonly bits: bigint;
  /** Only as long as no later call has ended; absent for calls that answer nobody, embeddings for one. */
  readonly lastBits?: bigint | undefined;
}

/** The end of one task's span, or an outcome told later. */
export interface TaskRecord {
  readonly id: string;
  /** Empty where the record tells an outcome and knows the task by its id alone; then no label of it counts. */
  readonly name: string;
  readonly service: string;
  readonly environment: string;
  readonly feature: string;
  readonly userTier: string;
  /** Default `endMs`. */
  readonly startMs?: number | undefined;
  readonly endMs: number;
  /** The task around it, whose rolled-up cost has this one's in it. */
  readonly parentId?: string | undefined;
  /** The user's session, to tell repeats by. */
  readonly sessionId?: string | undefined;
  /** Bits of what its span shows for the outcome rules. */
  readonly evidence?: bigint | undefined;
  /** `undefined` while none is known; the deadline then decides. */
  readonly outcome?: Outcome | undefined;
  readonly outcomeSource?: OutcomeSource | undefined;
}

/** Something that shows how a task went and is neither a call nor its end: a tool's error, an evaluation. */
export type EvidenceRecord = TaskEvidence | SpanEvidence;

/** It names its task. */
export interface TaskEvidence {
  readonly taskId: string;
  readonly bits: bigint;
}

/** Its emitter knows no tasks: the spans around it may tell which one it is about. */
export interface SpanEvidence {
  readonly traceId: string;
  readonly spanId: string;
  readonly bits: bigint;
}

/** Where a span stands in its trace. */
export interface SpanPlace {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty at the root. */
  readonly parentSpanId: string;
  /** That it states, for the calls below it that state none. */
  readonly feature?: string | undefined;
  /** Set where the span may be the task of the calls below it. */
  readonly task?: TaskCandidate | undefined;
}

/** A span that is a task once a call below it is known. */
export interface TaskCandidate {
  readonly id: string;
  readonly name: string;
  /** Place of its kind in `tasks.from`: the lowest wins, of equals the nearest. */
  readonly rank: number;
  /** Nothing further up is better. */
  readonly isFinal: boolean;
  /** Its end, counted with the first call; absent where the span tells it by itself. */
  readonly record?: TaskRecord | undefined;
  /** Its span, where it may stand inside another task: an agent inside another one. */
  readonly nested?: NestedSpan | undefined;
}

/** The span of a task that looks for the one around it. */
export interface NestedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly nestedId: string;
}

/** An outcome told apart from any span: `POST /v1/outcomes`, `recordOutcome`. */
export interface OutcomeRecord {
  readonly taskId: string;
  readonly outcome: Exclude<Outcome, 'unknown'>;
  /** Default `api`, which wins over every other. */
  readonly source?: OutcomeSource;
}

/** Sums of money, pico-USD: `calls` = `settled` + `unsettled` + `untasked` at every moment. */
export interface Totals {
  readonly callsPicoUsd: bigint;
  readonly settledPicoUsd: bigint;
  readonly unsettledPicoUsd: bigint;
  readonly untaskedPicoUsd: bigint;
  /** Received, in none of the four yet: it waits for its feature, or until its new series were scraped at 0. */
  readonly heldPicoUsd: bigint;
}
