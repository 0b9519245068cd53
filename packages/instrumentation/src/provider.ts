import type { UnpricedReason, Usage } from '@costspan/pricing';
import type { Operation, PriceMode, ProviderName, UsageStatus } from '@costspan/semconv';
import type { ModuleGate } from './module-gate.js';

/** Attribute values of an OpenTelemetry span, keys from `ATTR`. */
export type SpanAttributes = Record<string, string | number | boolean | string[] | undefined>;

/**
 * The contract of one SDK: what a provider author reads and fills in. A provider file is pure data and pure
 * functions: no spans, no promises, no `try`. The engine in `call/` guards every function of it, so a reader may
 * throw on a body nobody has seen yet: it costs a diag line, never the application's call.
 *
 * An SDK that Stainless generated (`post`/`get` that return an `APIPromise`) is a {@link StainlessProvider}: its
 * endpoints are paths. Any other is a {@link MethodsProvider}: its endpoints are methods of its classes. A connection
 * that stays open and tells of its calls in events is an {@link EventsProvider}.
 *
 * What a new SDK costs: one file or folder here, one line in `providers/index.ts`, its rate card in
 * `packages/pricing` where it has none, and its scenarios in `test/conformance`.
 */
export type Provider = StainlessProvider | MethodsProvider | EventsProvider;

interface ProviderBase {
  /** Name of the SDK in the support matrix. */
  readonly name: string;
  readonly module: ModuleGate;
}

/** Everything goes through `post` and `get` of one client class. */
export interface StainlessProvider extends ProviderBase {
  readonly client: StainlessPatch;
  readonly endpoints: readonly Endpoint[];
}

/** Each endpoint is a method of a class. */
export interface MethodsProvider extends ProviderBase {
  readonly client: MethodsPatch;
  readonly endpoints: readonly MethodEndpoint[];
}

/** Each endpoint is a kind of call that the events of a connection begin and end. */
export interface EventsProvider extends ProviderBase {
  readonly client: EventsPatch;
  readonly endpoints: readonly EventEndpoint[];
}

/** How the client class sends: one `APIPromise`-returning `post`/`get` over a `makeRequest` that retries (Stainless SDKs). */
export interface StainlessPatch {
  readonly style: 'stainless';
  /** Spans that the SDK starts itself and that yield to ours: the instance property of its tracer, and their names. */
  readonly ownSpans?: { readonly tracerProperty: string; readonly names: RegExp };
  /** Methods that turn their arguments into a form of bytes: resources from the client class on, then the method. */
  readonly uploads?: readonly (readonly string[])[];
  /** Methods that send a call and then fail where its answer has not the form that was asked for; named as those. */
  readonly validating?: readonly (readonly string[])[];
  /** The same of a stream: they return an object that calls its own `_emit` with `error`. */
  readonly validatingStreams?: readonly (readonly string[])[];
}

/** How methods of classes send. */
export interface MethodsPatch {
  readonly style: 'methods';
  /** Where an instance of a patched class sends to. */
  readBaseUrl(instance: object): string | undefined;
  /** By which the application may abort a call, among the arguments of any of its methods. */
  readSignal?(args: readonly unknown[]): unknown;
  /** The object that sends for it, where another package made it: each run of its method is one HTTP request. */
  readonly transport?: Transport;
  /** Methods that the SDK calls once per HTTP request, below an endpoint's: they count its retries. */
  readonly attempts?: readonly AttemptMethod[];
}

/** How a connection hands on its events. */
export interface EventsPatch {
  readonly style: 'events';
  /** The method of each class through which every event passes, of those that no {@link SocketPatch} hears. */
  readonly method: string;
  /** The event among its arguments; `undefined` when it hands on something else. Never changes it. */
  readEvent(args: readonly unknown[]): unknown;
  /** Where the server's events reach the application through no method. */
  readonly socket?: SocketPatch;
  /** Where a connection of a patched class goes to. */
  readBaseUrl(connection: object): string | undefined;
  /** Paths of the connections that are heard, whatever their host. */
  readonly hears: RegExp;
}

/** The WebSocket that a connection opens: it is listened to beside whoever else listens. */
export interface SocketPatch {
  /** The method that opens it. */
  readonly method: string;
  /** The socket of a connection that has opened it. */
  find(connection: object): EventTarget | undefined;
  /** The event in the data of a message. */
  readMessage(data: unknown): unknown;
}

/** What sends the requests of a client and is found on it when it makes its first call. */
export interface Transport {
  readonly method: string;
  find(instance: object): object | undefined;
  /** What the call is to know of one exchange; `sent` are the method's arguments, `received` what it resolved to. */
  readExchange(sent: readonly unknown[], received: unknown): Exchange;
}

/** One HTTP exchange below a call: what only the wire tells. */
export interface Exchange {
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly region?: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** A method of a class, wherever up its prototype chain it is defined. */
export interface MethodName {
  readonly className: string;
  readonly method: string;
}

/** What the engine knows when a client method is called. */
export interface EndpointCall {
  /** Path as the SDK's resource wrote it, query included: `/chat/completions`, `/v1/messages?beta=true`. */
  readonly path: string;
  /** Parsed request body, of an upload the arguments it was made from; `undefined` for GET. */
  readonly body: unknown;
  readonly client: ClientInfo;
  /** Whose SDK it is, where endpoints are shared: the provider when neither host nor class names one. */
  readonly sdkProvider?: ProviderName;
  /** True when the user switched prompt and completion capture on; only then a request carries `content`. */
  readonly isContentCaptured?: boolean;
  /** Names of the {@link EventsProvider}s whose connections the application has loaded. */
  readonly heard?: ReadonlySet<string>;
}

/** What tells one deployment of an SDK from another. */
export interface ClientInfo {
  readonly baseUrl: string | undefined;
  /** Class names from the instance up: `['AzureOpenAI', 'OpenAI']`. Minified names may be anything. */
  readonly classNames: readonly string[];
  /** `apiVersion` of clients that have one (Azure): older ones refuse newer request fields. */
  readonly apiVersion?: string | undefined;
}

/** A method that runs once per HTTP request. */
export interface AttemptMethod extends MethodName {
  /**
   * Where it retries inside: the position of its `fetch` argument, each run of which is one request. Versions that take
   * none send with the global `fetch`: there the requests to the URL in its first argument are counted on the wire.
   */
  readonly fetchArgument?: number;
}

/** What a method was given, as its endpoint reads it. */
export interface Sent {
  /** Whatever names the operation for `readRequest`: a path, a command's name. */
  readonly path: string;
  /** The request in one object. */
  readonly body: unknown;
  /** When, milliseconds since the epoch, where it is read later than it was sent. */
  readonly startMs?: number;
}

/** One API operation of a Stainless SDK: a path. */
export interface Endpoint extends CallReaders {
  readonly method: 'get' | 'post';
  readonly path: RegExp;
}

/**
 * One API operation of any other SDK: a method of a class. Choose the method closest to the wire: one run of it is one
 * call of a model (so a loop of tool calls is many), and where the SDK itself awaits it, the application holds the very
 * promise the SDK made. Several endpoints may share a method; the first whose `readSent` knows the call takes it.
 */
export interface MethodEndpoint extends CallReaders, MethodName {
  /** What the arguments ask for; `undefined` when they are no call of this endpoint. Never changes them. */
  readSent(args: readonly unknown[], instance: object): Sent | undefined;
  /**
   * The response body or the stream in what the method returned or its promise resolved to; that value itself where
   * absent. An async iterable or a `ReadableStream` is observed in place, anything else is read as a body.
   */
  readAnswer?(returned: unknown): unknown;
  /**
   * Of an SDK that keeps what a stream tells first to itself until its end: the object whose `fetch` sends for the
   * method, the platform's where it has none, and the fold over the events of the response below.
   */
  readonly overheard?: {
    find(instance: object): object | undefined;
    readonly readChunk: NonNullable<CallReaders['readChunk']>;
  };
  /** By which the application may abort a stream that it was given, where it gave no signal of its own. */
  readStreamSignal?(stream: object): unknown;
  /**
   * For SDKs that read a stream twice, once for the application and once into a promise of the whole answer: where that
   * promise stands. It settles the call, because the provider sends all of it whatever the application reads.
   */
  readonly whole?: {
    readonly property: string;
    /** True where the SDK itself takes the promise's rejection, so that it is never an unhandled one. */
    readonly isHandled: boolean;
  };
  /** The body of an answer that came, and that the SDK refused with this error: it is billed all the same. */
  readRefused?(error: unknown): unknown;
  /** Takes a Node callback as its last argument, which stands for the promise where one is given. */
  readonly hasCallback?: boolean;
}

/** One kind of call on a connection. */
export interface EventEndpoint extends CallReaders {
  /** What a connection is asked to remember of an event for the calls to come; `soFar` starts as `undefined`. */
  readonly remember?: (soFar: unknown, event: unknown) => unknown;
  /** The call that an event begins, by an id within its connection; `undefined` where it begins none. */
  readStart(event: unknown, remembered: unknown): { readonly id: string; readonly sent: Sent } | undefined;
  /** Id of the call that an event is a part of. */
  readPart?(event: unknown): string | undefined;
  /** Id of the call that an event ends, as its whole response or as the last of its parts. It may have begun it, too. */
  readEnd(event: unknown, remembered: unknown): string | undefined;
  /** What the call that has ended is read from, where that is not the event. */
  readWhole?(remembered: unknown): unknown;
}

/** What every API operation is read by, however its SDK sends. */
export interface CallReaders {
  /** Row of the support matrix: `chat.completions`. */
  readonly name: string;
  readRequest(call: EndpointCall): CallRequest;
  /** What the head of an answer tells, headers by their lower-case names: the fold over a stream starts from it. */
  readHead?(header: (name: string) => unknown): CallResult;
  /** A whole, parsed response body; `head` is what {@link readHead} found. */
  readResponse(body: unknown, request: CallRequest, head?: CallResult): CallResult;
  /** A fold over stream chunks, so that 'cut at chunk n' is a one-line test. `soFar` starts as {@link EMPTY_RESULT}. */
  readChunk?(soFar: CallResult, chunk: unknown, request: CallRequest): CallResult;
  /** True of what the SDK itself puts in front of the provider's first chunk: it is no sign of an answer. */
  isPrelude?(chunk: unknown): boolean;
  /** A body that asks for usage on the stream, or `undefined` when there is no need to ask. Never changes its argument. */
  askForStreamUsage?(body: unknown, client?: ClientInfo): object | undefined;
  /** Takes back from a chunk what only {@link askForStreamUsage} brought; `undefined` drops the chunk altogether. */
  hideStreamUsage?(chunk: unknown): unknown;
  /** True when the response is only a promise of one (background): the call stays open until a later retrieval ends it. */
  isPending?(result: CallResult): boolean;
  /** All results of a batch, where one body holds them: each is read by `readResult`. */
  readResults?(body: unknown): readonly unknown[];
  /** One line of a batch's results: a call that was made earlier, `undefined` where it bills nothing. */
  readResult?(line: unknown, request: CallRequest): BatchedCall | undefined;
  /** The result of a pending call, from the retrieval that ended it and the request that started it. */
  readFinal?(retrieved: CallResult, request: CallRequest): CallResult;
}

/** A call whose result came with those of its batch. */
export interface BatchedCall {
  /** Its own name within the batch, where results come page by page; elsewhere its position tells it. */
  readonly name?: string;
  readonly request: CallRequest;
  readonly result: CallResult;
}

/** What a response says of a batch of calls: its results belong to whoever submitted it. */
export interface BatchNews {
  readonly id: string;
  /** True of the answer to its submission. */
  readonly isSubmitted: boolean;
  /** Ids under which its results can be read. */
  readonly results: readonly string[];
}

/**
 * How a body that the application reads itself is read: as a whole, by events, by lines of JSON that are a batch's
 * results or a stream's chunks, or not at all.
 */
export type BodyFormat = 'json' | 'events' | 'lines' | 'chunks' | 'bytes';

/** What the request says. */
export interface CallRequest {
  readonly operation: Operation;
  readonly provider: ProviderName;
  readonly model: string | undefined;
  readonly isStream: boolean;
  readonly serverAddress: string | undefined;
  readonly serverPort: number | undefined;
  /** Further request attributes, names from `ATTR`; `undefined` values are left out. */
  readonly attributes: SpanAttributes;
  /** Rate selector known from the client or host only, e.g. a data residency region. */
  readonly region?: string;
  /** Id of the response that a retrieval asks for; such a call is `fetch_response` and reports no usage. */
  readonly retrieves?: string;
  /** False: the operation is free or not billed by tokens, so a missing usage is no fault and no cost is stated. Default true. */
  readonly isBilled?: boolean;
  /** False: no call of a model, only followed for what it tells of others; it has no span. Default true. */
  readonly isRecorded?: boolean;
  /** Default: `events` of a stream, else `json`. */
  readonly body?: BodyFormat;
  /** When it began, where it is told of later. Milliseconds since the epoch. */
  readonly startMs?: number;
  /** Id of the batch results that are read. */
  readonly results?: string;
  /** What the reader of the request tells the reader of the response: their own business, never recorded. */
  readonly state?: unknown;
  /** Prompt content, opt-in: attribute name → JSON text. Present only when `isContentCaptured`. */
  readonly content?: () => SpanAttributes;
}

/** What the response says, so far. */
export interface CallResult {
  readonly usageStatus: UsageStatus;
  readonly usage?: Usage;
  /** What of the usage is billed, where the provider states more than that. */
  readonly billedUsage?: Usage;
  readonly responseId?: string;
  readonly responseModel?: string;
  /** The model whose rates hold, where the response's name for it is not the one on the price list. */
  readonly pricedModel?: string;
  /** One per choice, in its position; `undefined` where a reason was expected and has not come. */
  readonly finishReasons?: readonly (string | undefined)[];
  /** From the response's tier, never from the request's. */
  readonly mode?: PriceMode;
  readonly region?: string;
  /** Why the cost can only be an estimate although usage is complete (a fallback credit, an unknown tier). */
  readonly estimatedReason?: string;
  /** Why there will never be a usage to price, and what the operator is told of it, once. */
  readonly unpriced?: { readonly reason: UnpricedReason; readonly warning: string };
  /** Set when the body itself reports a failure (`response.failed`, an error chunk): becomes `error.type`. */
  readonly errorType?: string;
  readonly status?: string;
  /** The response is about a batch. */
  readonly batch?: BatchNews;
  /** Set on a retrieval that brought the end of what it asked for, though it states no usage. */
  readonly isFinal?: boolean;
  /** Requests that were sent, where the answer states them. */
  readonly attempts?: number;
  /** Further response attributes, names from `ATTR`. */
  readonly attributes?: SpanAttributes;
  /** Completion content, opt-in: present only when the request carries `content`. */
  readonly content?: () => SpanAttributes;
  /** What a fold has to remember from chunk to chunk: its own business, never recorded. */
  readonly state?: unknown;
}

/** Where every fold starts. */
export const EMPTY_RESULT: CallResult = { usageStatus: 'missing' };
