import type { Attribution } from '../attribution/index.js';
import type { CallReaders, ClientInfo, Sent } from '../provider.js';
import type { RecordedSpan } from '../record/recorder.js';
import type { Call, CallPlace } from './call.js';

/** A call that is about to be sent and has not been read. */
export interface ReservedCall {
  readonly attribution: Attribution;
  readonly span: RecordedSpan;
}

/** What the patched client asks of the rest of the instrumentation. */
export interface CallStarter {
  /** False once the instrumentation is disabled: every call then passes through untouched. */
  readonly isEnabled: boolean;
  /** Whether chat streams may be asked for usage that the application did not ask for. */
  readonly asksForStreamUsage: boolean;
  /** Whether what goes to a host that nobody knows, without an SDK, is a call where it has the form of one. */
  readonly countsUnknownHosts: boolean;
  /** Starts the call, or `undefined` when it is not to be recorded. Never throws. */
  start(
    endpoint: CallReaders,
    client: ClientInfo,
    sent: Sent,
    reserved?: ReservedCall | undefined,
  ): Call | undefined;
  /** Whether connections of this path are those of an SDK whose connections are heard. */
  hears(path: string): boolean;
  /** Begins the span of a call whose request is to name it before it can be read. Never throws. */
  reserve(): ReservedCall | undefined;
  /** Runs the SDK's request with the call's span active and nothing of ours in the baggage. */
  runInSpan<T>(call: Call, fn: () => T): T;
  /** Runs a request that is not recorded, with nothing of ours in the baggage either. */
  runUnrecorded<T>(fn: () => T): T;
  /** A stand-in for a span of the SDK's own that yields to the call's. */
  yieldedSpan(): object;
}

/** What a Stainless client is given to send. */
export interface RequestOptions {
  readonly body?: unknown;
  readonly signal?: unknown;
}

/** What a client method leaves for the attempts below it: the call itself starts with the first one. */
export interface CallSlot extends CallPlace {
  readonly endpoint: CallReaders;
  readonly path: string;
  /** Body that an upload was made from. */
  readonly upload?: unknown;
  /** While the client method runs: what it was given, where just that will be sent. */
  options?: RequestOptions | undefined;
  /** The answer has been parsed and seen. */
  isRead?: boolean;
  readonly starter: CallStarter;
}
