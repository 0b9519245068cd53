import type { JsonObject } from '../json.js';
import type { ProviderRequest } from './request.js';

/** Counts in one meaning for every provider; the dialect decides which field they land in. */
export interface AnswerUsage {
  /** All input, cached included. */
  readonly inputTokens: number;
  /** All output, reasoning included. */
  readonly outputTokens: number;
  readonly cacheReadTokens?: number;
  /** Written for the default time to live (Anthropic: 5 minutes). */
  readonly cacheWriteTokens?: number;
  /** Written for one hour (Anthropic only). */
  readonly cacheWrite1hTokens?: number;
  readonly reasoningTokens?: number;
  readonly audioInputTokens?: number;
  readonly imageInputTokens?: number;
  readonly audioOutputTokens?: number;
  readonly webSearches?: number;
  /** Fields laid over the wire's usage object as they are: `cost`, `iterations`, `inference_geo` … */
  readonly extra?: JsonObject;
}

/** A tool the model wants called. */
export interface ToolCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

/** What the model says; the dialect of the request decides how it looks on the wire, JSON or SSE. */
export interface Answer {
  /** One text per choice (`n`); Anthropic and Responses use the first. */
  readonly texts?: readonly string[];
  readonly toolCalls?: readonly ToolCall[];
  readonly reasoningText?: string;
  /** Absent: a reply that carries no usage at all. */
  readonly usage?: AnswerUsage;
  /** The model that answers; absent, the dated name of the requested one. */
  readonly model?: string;
  readonly responseId?: string;
  readonly serviceTier?: string;
  /** The wire's own word (`stop`, `length`, `end_turn`, `refusal` …); absent, it follows from the answer. */
  readonly finishReason?: string;
  /** Responses API: the final status, `completed` when absent. */
  readonly status?: 'completed' | 'incomplete' | 'failed';
  /** Responses API in the background: how many GETs until it is done, 1 when absent. */
  readonly pollsUntilDone?: number;
  /** Length of the recording that a model heard, where it is billed by it. */
  readonly audioSeconds?: number;
  readonly vectors?: readonly (readonly number[])[];
}

/** How a reply is delayed or broken on its way. */
export interface Delivery {
  /** Wait before the first byte, ms. */
  readonly delayMs?: number;
  /** Wait before each further event, ms. */
  readonly chunkDelayMs?: number;
  /** After that many events a longer wait, unless the client leaves: for one who acts before the next one comes. */
  readonly pause?: { readonly after: number; readonly pauseMs: number };
  /** All events in one write. */
  readonly isAtOnce?: boolean;
  /** After that many events: socket reset, clean end, the provider's own error event, or silence. */
  readonly interrupt?: { readonly after: number; readonly by: 'reset' | 'end' | 'error' | 'hang' };
}

/** An HTTP error in the provider's own shape. */
export interface ErrorReply {
  readonly kind: 'error';
  readonly status: number;
  readonly type?: string;
  readonly code?: string;
  readonly message?: string;
  readonly retryAfterMs?: number;
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
}

/** Bytes that go out as they are: recordings, malformed bodies, shapes the stand-in does not know. */
export interface BytesReply {
  readonly kind: 'bytes';
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunks: readonly (string | Uint8Array)[];
  /** What this reply bills, for the log. */
  readonly usage?: JsonObject;
  readonly model?: string;
  readonly delivery?: Delivery;
}

/** What a script answers to one request. */
export type Reply =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly delivery?: Delivery }
  | ErrorReply
  | BytesReply
  /** The socket is destroyed without a byte. */
  | { readonly kind: 'reset' }
  /** No byte ever; the socket stays open until the client or the server closes it. */
  | { readonly kind: 'hang' }
  /** Status 200 with a body that is cut in the middle of its JSON. */
  | { readonly kind: 'malformed' };

/** Decides the reply to each request; `attempt` is 1 for the first try of a call. */
export type Script = (request: ProviderRequest, attempt: number) => Reply | Promise<Reply>;

/** One write on the wire. `usage` is the provider's usage object as the client knows it from here on. */
export interface WireEvent {
  readonly bytes: string | Uint8Array;
  readonly usage?: JsonObject;
}

/** A reply ready to be sent. */
export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly WireEvent[];
  /** What the provider puts on the bill: on the wire or not. */
  readonly billed?: JsonObject;
  readonly model?: string;
  readonly responseId?: string;
  /** The provider's error event, for an interrupt by `error`. */
  readonly errorEvent?: string;
}

/** What a dialect needs to turn an answer into bytes. */
export interface RenderInput {
  readonly request: ProviderRequest;
  readonly answer: Answer;
  readonly model: string;
  readonly responseId: string;
  readonly createdSeconds: number;
}
