import type { Cost, Pricer, Unpriced } from '@costspan/pricing';
import { ABORTED_ERROR_TYPE, ATTR, INFERENCE_OPERATIONS, OPERATION } from '@costspan/semconv';
import type { Context } from '@opentelemetry/api';
import { type Attributor, currentCall, withoutCostspanBaggage } from './attribution/index.js';
import { readSpanAttribute } from './attribution/otel.js';
import { PendingResponses } from './call/background.js';
import { Batches } from './call/batches.js';
import { Call, type CallEnd, type CallObserver, type CallStart } from './call/call.js';
import { readErrorClass } from './call/error.js';
import type { CallSlot, CallStarter, ReservedCall } from './call/starter.js';
import { guard, reportFailure, warnOperator } from './diagnostics.js';
import type { OtelApi, OtelDoor } from './otel-door.js';
import type { CallReaders, CallRequest, ClientInfo, Sent, SpanAttributes } from './provider.js';
import { AttributeList } from './record/attribute-list.js';
import { readRequestDigest } from './record/digest.js';
import type { RecordedSpan, SpanRecorder } from './record/recorder.js';
import { addEndAttributes, priceCall, readSpanName, readStartAttributes } from './record/span.js';
import type { Settings } from './settings.js';
import { readNowMs } from './timers.js';

/** `SpanKind.CLIENT` of OpenTelemetry's API. */
const CLIENT = 2;

export interface EngineOptions {
  readonly otel: OtelDoor;
  readonly settings: Settings;
  readonly recorder: SpanRecorder;
  readonly readAttributor: () => Attributor | undefined;
  readonly pricer: Pricer;
}

/** Turns each call of a patched client into one span with its usage, cost and attribution. */
export class CallEngine implements CallStarter {
  isEnabled = true;
  readonly #options: EngineOptions;
  readonly #pending = new PendingResponses();
  readonly #batches = new Batches();
  readonly #observer: CallObserver = {
    pending: this.#pending,
    onSettled: (call, end) => this.#record(call, end),
    onLine: (carrier, line, position) => this.#recordResult(carrier, line, position),
  };

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Names of the providers whose connections are heard. */
  readonly heard = new Set<string>();
  /** Their paths. */
  readonly hearing = new Set<RegExp>();

  hears(path: string): boolean {
    return [...this.hearing].some((paths) => paths.test(path));
  }

  start(
    endpoint: CallReaders,
    client: ClientInfo,
    sent: Sent,
    reserved?: ReservedCall | undefined,
  ): Call | undefined {
    try {
      return this.#start({ endpoint, client, reserved }, sent);
    } catch (error) {
      reportFailure(`starting a ${endpoint.name} call`, error);
      return undefined;
    }
  }

  reserve(): ReservedCall | undefined {
    return guard('reserving a call', () => {
      const attribution = this.#options.readAttributor()?.resolve();
      if (attribution === undefined) return undefined;
      const { parent } = attribution;
      const attributes = new AttributeList();
      const start = { name: OPERATION.CHAT, kind: CLIENT, startMs: readNowMs(), attributes, parent };
      return { attribution, span: this.#options.recorder.start(start) };
    });
  }

  #start({ endpoint, client, reserved }: Starting, { path, body, startMs }: Sent): Call | undefined {
    const { settings, readAttributor, otel } = this.#options;
    const attributor = readAttributor();
    if (attributor === undefined) return undefined;
    const { isContentCaptured } = settings;
    const read = endpoint.readRequest({ path, body, client, isContentCaptured, heard: this.heard });
    const request = startMs === undefined ? read : { ...read, startMs };
    const attribution = reserved?.attribution ?? attributor.resolve();
    // Only within a task does it matter whether the same was asked before.
    const digest = attribution.taskId === undefined ? undefined : readRequestDigest(path, body);
    const call = this.#open({ endpoint, request, client, attribution }, digest, reserved?.span);
    if (isCounted(request)) supersedeOuterSpan(otel.read());
    return call;
  }

  #open(start: CallStart, digest?: string, reserved?: RecordedSpan): Call {
    const { recorder } = this.#options;
    const call = new Call(start, this.#observer);
    if (start.request.isRecorded === false) {
      reserved?.drop();
      return call;
    }
    const attributes = readStartAttributes(call);
    attributes.add(ATTR.REQUEST_DIGEST, digest);
    const name = readSpanName(start.request);
    if (reserved !== undefined) {
      reserved.rename(name);
      reserved.attributes.fill(attributes.toRecord());
      call.span = reserved;
      return call;
    }
    call.span = recorder.start({
      name,
      kind: CLIENT,
      startMs: call.startMs,
      attributes,
      parent: start.attribution.parent,
    });
    return call;
  }

  /** A result of a batch is a call of its own, of whoever submitted the batch. */
  #recordResult({ endpoint, request, client, attribution }: Call, line: unknown, position: number): void {
    const { results } = request;
    const read = endpoint.readResult?.(line, request);
    if (results === undefined) return;
    const isNew =
      read?.name === undefined
        ? this.#batches.isNew(results, position)
        : this.#batches.isNewName(results, read.name);
    if (!isNew || read === undefined) return;
    const submitter = this.#batches.findSubmitter(results) ?? attribution;
    this.#open({ endpoint, request: read.request, client, attribution: submitter }).finish(read.result);
  }

  runInSpan<T>(call: Call, fn: () => T): T {
    return this.#runBare(call.span, fn);
  }

  runUnrecorded<T>(fn: () => T): T {
    return this.#runBare(undefined, fn);
  }

  /** Nothing of a scope reaches a provider: the request runs without our keys in the baggage. */
  #runBare<T>(span: RecordedSpan | undefined, fn: () => T): T {
    const api = this.#options.otel.read();
    if (api === undefined) return fn();
    const active = api.context.active();
    const bare = this.#readBare(api, { span, active });
    return bare === active ? fn() : api.context.with(bare, fn);
  }

  #readBare(api: OtelApi, { span, active }: { span: RecordedSpan | undefined; active: Context }): Context {
    const { recorder } = this.#options;
    try {
      const bare = withoutCostspanBaggage(api, active);
      return span === undefined ? bare : recorder.contextWith(span, bare);
    } catch (error) {
      reportFailure('activating a span', error);
      return active;
    }
  }

  get asksForStreamUsage(): boolean {
    return this.#options.settings.asksForStreamUsage;
  }

  get countsUnknownHosts(): boolean {
    return this.#options.settings.countsUnknownHosts;
  }

  /** Records nothing and stands for the span of the call at hand, so that trace headers and children follow ours. */
  yieldedSpan(): object {
    const api = this.#options.otel.load();
    // Read now: once it stands for the active span, asking that one would be asking itself.
    const around = api.trace.getActiveSpan();
    const readContext = (): unknown => {
      const call = (currentCall() as CallSlot | undefined)?.call;
      return call?.span?.live?.spanContext() ?? around?.spanContext() ?? api.INVALID_SPAN_CONTEXT;
    };
    const nothing = api.trace.wrapSpanContext(api.INVALID_SPAN_CONTEXT);
    return Object.create(nothing, { spanContext: { value: readContext } }) as object;
  }

  #record(call: Call, end: CallEnd): void {
    const { span } = call;
    if (call.result.batch !== undefined) this.#batches.note(call.result.batch, call.attribution);
    if (call.result.unpriced !== undefined) warnOperator('COSTSPAN_UNPRICED', call.result.unpriced.warning);
    if (span === undefined) return;
    const cost = this.#price(call, end);
    addEndAttributes(span.attributes, { call, end, cost });
    const { isContentCaptured, maxContentChars } = this.#options.settings;
    if (isContentCaptured) span.attributes.fill(cutTexts(readContent(call), maxContentChars));
    span.end({
      endMs: call.startMs + call.durationSeconds * 1000,
      errorMessage: readErrorMessage(call, end),
    });
    const { usage } = call.result;
    if (isCounted(call.request)) {
      this.#options.readAttributor()?.noteCall(call.attribution, {
        costPicoUsd: cost === undefined || cost.status === 'unpriced' ? undefined : cost.amountPicoUsd,
        tokens: (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0),
      });
    }
    this.#settleRetrieved(call);
  }

  #price(call: Call, end: CallEnd): Cost | Unpriced | undefined {
    try {
      return priceCall(call, end, this.#options.pricer);
    } catch (error) {
      reportFailure('pricing a call', error);
      return undefined;
    }
  }

  /** A retrieval that brought a final response settles the call that has been waiting for it. */
  #settleRetrieved({ request, result, endpoint }: Call): void {
    if (
      request.retrieves === undefined ||
      (result.usage === undefined && result.isFinal !== true) ||
      endpoint.isPending?.(result) === true
    )
      return;
    this.#pending.take(request.retrieves)?.finish(result);
  }
}

/** What a call begins with, beside its request. */
interface Starting {
  readonly endpoint: CallReaders;
  readonly client: ClientInfo;
  readonly reserved: ReservedCall | undefined;
}

const isCounted = ({ isBilled, isRecorded, retrieves }: CallRequest): boolean =>
  isBilled !== false && isRecorded !== false && retrieves === undefined;

const readContent = (call: Call): SpanAttributes | undefined =>
  guard('reading content', () => ({ ...call.request.content?.(), ...call.result.content?.() }));

function cutTexts(content: SpanAttributes | undefined, maxChars: number): SpanAttributes | undefined {
  if (content === undefined || maxChars === Number.POSITIVE_INFINITY) return content;
  const cut = Object.entries(content).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.slice(0, maxChars) : value,
  ]);
  return Object.fromEntries(cut) as SpanAttributes;
}

/**
 * What has an `error.type` has the status error: the conventions know no third end beside success and failure. A body
 * that reports a failure (`response.failed`) is one, though the SDK handed it on as any other.
 */
function readErrorMessage({ result }: Call, { kind, error }: CallEnd): string | undefined {
  if (kind === 'error') return readErrorClass(error);
  return kind === 'aborted' ? ABORTED_ERROR_TYPE : result.errorType;
}

/** One owner per call: where another instrumentation has a span around the same call, ours is the one that counts. */
function supersedeOuterSpan(api: OtelApi | undefined): void {
  const outer = api?.trace.getActiveSpan();
  const operation = readSpanAttribute(outer, ATTR.OPERATION_NAME);
  if (operation !== undefined && INFERENCE_OPERATIONS.includes(operation))
    outer?.setAttribute(ATTR.SUPERSEDED, true);
}
