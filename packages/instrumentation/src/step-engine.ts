import { ATTR, OPERATION } from '@costspan/semconv';
import { type Attributor, type Scope, type StepState, scopeStorage, withHints } from './attribution/index.js';
import { giveUpOpenSteps, openHint, openPart, RunningStep } from './call/running-step.js';
import type { CallSlot, CallStarter } from './call/starter.js';
import type { OpenStep, StepStarter } from './call/step-starter.js';
import { reportFailure } from './diagnostics.js';
import type { StepOperation, StepStart } from './framework.js';
import type { OtelDoor } from './otel-door.js';
import type { BatchedCall, CallReaders } from './provider.js';
import { AttributeList } from './record/attribute-list.js';
import { randomId } from './record/own-span.js';
import type { RecordedSpan, SpanRecorder } from './record/recorder.js';
import { addAttribution } from './record/span.js';
import { readNowMs, readTicksMs } from './timers.js';

/** `SpanKind` of OpenTelemetry's API: a step runs in this process, a retrieval asks for what is elsewhere. */
const INTERNAL = 0;
const CLIENT = 2;

/** Attribute of each operation that holds the name. */
const NAME_ATTRIBUTES: Readonly<Record<StepOperation, string>> = {
  [OPERATION.INVOKE_AGENT]: ATTR.AGENT_NAME,
  [OPERATION.INVOKE_WORKFLOW]: ATTR.WORKFLOW_NAME,
  [OPERATION.EXECUTE_TOOL]: ATTR.TOOL_NAME,
  [OPERATION.RETRIEVAL]: ATTR.DATA_SOURCE_ID,
};

/** Whose names say what a call is for, where nothing better does. */
const AGENTIC: readonly (StepOperation | undefined)[] = [OPERATION.INVOKE_AGENT, OPERATION.INVOKE_WORKFLOW];

export interface StepEngineOptions {
  readonly otel: OtelDoor;
  readonly recorder: SpanRecorder;
  readonly readAttributor: () => Attributor | undefined;
  /** Who records calls. */
  readonly calls: CallStarter;
}

/** Turns each step of a framework into one span, around the calls and steps inside, with its feature and task. */
export class StepEngine implements StepStarter {
  isEnabled = true;
  readonly #options: StepEngineOptions;

  constructor(options: StepEngineOptions) {
    this.#options = options;
  }

  begin(start: StepStart, instance: object | undefined): OpenStep | undefined {
    try {
      return this.#begin(start, instance);
    } catch (error) {
      reportFailure('starting a step', error);
      return undefined;
    }
  }

  tell({ request, result }: BatchedCall, startMs: number): void {
    const endpoint: CallReaders = {
      name: 'told',
      readRequest: () => ({ ...request, startMs }),
      readResponse: () => result,
    };
    // No two that are told are the same request again: what was asked is not told.
    const sent = { path: '', body: randomId(8) };
    this.#options.calls.start(endpoint, { baseUrl: undefined, classNames: [] }, sent)?.succeed(undefined);
  }

  /** Ends what is still open: the process ends. */
  giveUp(): void {
    giveUpOpenSteps();
  }

  #begin(start: StepStart, instance: object | undefined): OpenStep | undefined {
    const attributor = this.#options.readAttributor();
    const around = scopeStorage.getStore();
    if (attributor === undefined || (start.isOutermost === true && around?.step !== undefined))
      return undefined;
    if (start.isPart === true) return openPart(around);
    const { operation, name, feature } = start;
    const agentName = AGENTIC.includes(operation) ? name : undefined;
    const scope = withHints(around, { functionName: feature, agentName }) ?? {};
    if (operation === undefined)
      return feature === undefined || scope === around ? undefined : openHint(scope);
    return this.#open(operation, start, { instance, around, scope, attributor });
  }

  #open(
    operation: StepOperation,
    start: StepStart,
    { instance, around, scope, attributor }: Surroundings,
  ): OpenStep {
    const { otel, recorder } = this.#options;
    const startMs = readNowMs();
    const startTicks = readTicksMs();
    const attribution = scopeStorage.run(scope, () => attributor.resolveStep(operation));
    const attributes = readStartAttributes(operation, start);
    addAttribution(attributes, attribution);
    const outerSpanId = otel.read()?.trace.getActiveSpan()?.spanContext().spanId;
    const title = start.name === undefined ? operation : `${operation} ${start.name}`;
    const span = recorder.start({
      name: title,
      kind: operation === OPERATION.RETRIEVAL ? CLIENT : INTERNAL,
      startMs,
      attributes,
      parent: isInCall(around, outerSpanId) ? around?.step?.span : attribution.parent,
    });
    const state: StepState = {
      operation,
      title,
      instance,
      isStream: start.isStream === true,
      outer: around?.step,
      scopeTask: around?.task,
      outerSpanId,
      span: span.context,
      task: undefined,
    };
    const inside = { ...scope, step: state };
    const onEnd = (errorType: string | undefined): void => {
      span.attributes.add(ATTR.ERROR_TYPE, errorType);
      // The task that it is itself is known since its first call only.
      span.attributes.fill({ [ATTR.TASK_NAME]: state.task?.name, [ATTR.TASK_ID]: state.task?.id });
      span.end({ endMs: startMs + (readTicksMs() - startTicks), errorMessage: errorType });
      attributor.endStep(state, errorType);
    };
    return new RunningStep({ state, scope: inside, enter: this.#enter(inside, span), onEnd });
  }

  #enter(scope: Scope, span: RecordedSpan): OpenStep['enter'] {
    const { otel, recorder } = this.#options;
    const api = otel.read();
    if (api === undefined || span.live === undefined) return (fn) => scopeStorage.run(scope, fn);
    const context = recorder.contextWith(span, api.context.active());
    return (fn) => scopeStorage.run(scope, () => api.context.with(context, fn));
  }
}

/** A tool that a stream of the model's asks for runs where that is read: it is a step beside the call, not in it. */
function isInCall(scope: Scope | undefined, activeSpanId: string | undefined): boolean {
  const slot = scope?.call as CallSlot | undefined;
  const spanId = slot?.call?.span?.context.spanId ?? slot?.past?.spanId;
  return scope?.step !== undefined && spanId === activeSpanId;
}

/** What a step begins in. */
interface Surroundings {
  readonly instance: object | undefined;
  readonly around: Scope | undefined;
  /** The same, with the feature that the step names. */
  readonly scope: Scope;
  readonly attributor: Attributor;
}

function readStartAttributes(operation: StepOperation, { name, attributes }: StepStart): AttributeList {
  const list = new AttributeList();
  list.add(ATTR.OPERATION_NAME, operation);
  list.add(NAME_ATTRIBUTES[operation], name);
  list.fill(attributes);
  return list;
}
