/** What a family of SDK versions says of itself for the conformance run: its stand-in's answers, and what they cost. */

/** Token counts as a span states them; zero is left out. */
export interface Counts {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly reasoning?: number;
}

/** What is to be recorded of an answer, or of as much of it as has been read. */
export interface Known {
  readonly usageStatus: 'complete' | 'partial' | 'missing';
  readonly counts?: Counts;
  /** Worked out by hand from the provider's price page; absent: unpriced. */
  readonly costUsd?: number;
  /** Where it does not follow from usage and cost. */
  readonly costStatus?: 'partial' | 'estimated';
  readonly finish?: readonly string[];
  readonly responseId?: string;
  readonly responseModel?: string;
}

export type Bytes = string | Uint8Array;

/** A whole reply of the stand-in. */
export interface WholeReply {
  /** 200 when absent. */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

/** A streamed reply, cut at the events that the SDK hands on one by one. */
export interface StreamReply {
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly Bytes[];
}

/** One endpoint of a family. */
export interface EndpointPlan {
  readonly operation: string;
  readonly model: string;
  /** Nothing in the request names a model. */
  readonly hasNoModel?: boolean;
  /** Where it is not the family's. */
  readonly provider?: string;
  /** Not billed: no usage and no cost is stated. */
  readonly isFree?: boolean;
  /** Code of the warning that its calls give, once. */
  readonly warns?: string;
  /** The SDK reads its streams to the end whatever the application does; what is known of that. */
  readonly knownWhole?: Known;
  readonly whole: WholeReply;
  readonly known: Known;
  readonly stream?: StreamReply;
  /** How many events make two chunks; 2 when absent. */
  readonly eventsOfTwoChunks?: number;
  /** What is known once the application has been given that many chunks. */
  readonly knownAfter?: (chunks: number) => Known;
  /** Scenarios of its own: what their calls come to, in order. */
  readonly scenarios?: Readonly<Record<string, OwnScenario>>;
}

/** A scenario that only this endpoint has. */
export interface OwnScenario {
  /** Replies to its requests, in order; the last one repeats. */
  readonly replies: readonly (WholeReply | StreamReply)[];
  /** One per span; not every version shows what others show. */
  readonly spans: readonly OwnSpan[] | ((version: string) => readonly OwnSpan[]);
}

export interface OwnSpan {
  readonly known: Known;
  readonly isStream?: boolean;
  readonly isFree?: boolean;
  readonly model?: string;
  /** Nothing in the request names a model. */
  readonly hasNoModel?: boolean;
  readonly operation?: string;
  /** Where it is not as with every stream. */
  readonly hasFirstChunk?: boolean;
  readonly outcome?: 'ok' | 'error' | 'aborted';
  readonly errorType?: string;
  /** The provider refused or was not reached: there is no answer whose usage could be missing. */
  readonly isUnanswered?: boolean;
  /** Requests beyond the first. */
  readonly resends?: number | undefined;
}

/** One version of a package. */
export interface FamilyVersion {
  readonly alias: string;
  readonly version: string;
  /** Where it has no CommonJS, or one that does not load; the matrix says so. */
  readonly formats?: readonly ('cjs' | 'esm')[];
  /** Endpoints of which it drops the response's id before anybody sees it. */
  readonly dropsIdOf?: RegExp;
}

/** One SDK package with all its versions under test. */
export interface Family {
  /** Module of `app/` and name in the test. */
  readonly name: string;
  readonly package: string;
  readonly provider: string;
  /** Oldest and newest supported major; `alias` is the folder in node_modules. */
  readonly versions: readonly FamilyVersion[];
  readonly endpoints: Readonly<Record<string, EndpointPlan>>;
  /** The provider's error body. */
  writeError(status: number): WholeReply;
}
