import type { ScopeAttributes } from '@costspan/api';
import type { FeaturesConfig, OutcomeRule } from '@costspan/config';
import { ATTR, ENTRY_ATTR, EVALUATION_FEATURE, OPERATION, type TaskSource } from '@costspan/semconv';
import type { Context, Span, SpanContext } from '@opentelemetry/api';
import type { StepOperation } from '../framework.js';
import { type BaggageValues, readBaggage } from './baggage.js';
import type { JobState } from './job.js';
import { ensureJobTask } from './job-task.js';
import {
  DEFAULT_OPERATION,
  ensureMessageTask,
  isFunctionSpan,
  readMessageTask,
  readSpanSource,
} from './message.js';
import { type ActiveOtel, readServerSpan, readSpanAttribute, type ServerSpan } from './otel.js';
import { ensureRequestTask, type RequestState, readRequestRoute, readToldRoute } from './request.js';
import type { RequestRoutes } from './route.js';
import { currentScope, type Scope } from './scope.js';
import { SCOPE_ATTRIBUTE_NAMES, SCOPE_KEYS } from './scope-value.js';
import { ensureStepTask, findTaskStep, readStepParent } from './step.js';
import type { TaskState } from './task.js';
import type { TaskBook } from './tasks.js';

/** Whom and what a call serves. */
export interface Attribution {
  readonly feature: string;
  readonly taskId?: string | undefined;
  readonly taskName?: string | undefined;
  readonly userTier?: string | undefined;
  readonly tenant?: string | undefined;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  /** The task when it is one of this process: its calls are noted there. */
  readonly task?: TaskState | undefined;
  /** Parent of the call's span in place of the active one. */
  readonly parent?: SpanContext | undefined;
  /** It is part of a call of another service, which knows better whom it is for. */
  readonly isRelayed?: true | undefined;
  /** Where the request was sent that it is made for, if that asks a model. */
  readonly entryHost?: string | undefined;
}

/** What resolving needs to know. */
export interface AttributionSettings {
  readonly otel: ActiveOtel;
  readonly tasks: TaskBook;
  readonly routes: RequestRoutes;
  readonly features: FeaturesConfig;
  /** The default feature is what a platform calls this function, which says more than a path that no router has told. */
  readonly isNamedFunction: boolean;
  /** `COSTSPAN_FEATURE`. */
  readonly environmentFeature: string | undefined;
  readonly outcomeRules: readonly OutcomeRule[];
  /** `tasks.from`: what may be the task of a call, best first. */
  readonly taskSources: readonly TaskSource[];
}

/** Everything around a call that says something about it. */
interface Surroundings {
  readonly scope: Scope | undefined;
  readonly baggage: BaggageValues;
  readonly activeSpan: Span | undefined;
  readonly serverSpan: ServerSpan | undefined;
  /** The call of another service that the request at hand is. */
  readonly caller: SpanContext | undefined;
}

/**
 * Says whom and what a call serves that begins here and now. User and tenant come from the explicit scope, then from
 * baggage; the feature from the sources of the config in their order, then `COSTSPAN_FEATURE`, the agent's name, the
 * default; the task is, in the order of `tasks.from`, the nearest `withTask`, of this process or one before it, the request, the
 * message, the job, the agent.
 */
export function resolveAttribution(settings: AttributionSettings): Attribution {
  // Nothing around: a script, a command. Only the defaults can be said.
  if (currentScope() === undefined && settings.otel.read() === undefined)
    return { feature: settings.environmentFeature ?? settings.features.default };
  const surroundings = readSurroundings(settings);
  const attributes = readAttributes(settings, surroundings);
  const task = resolveTask(settings, surroundings, attributes);
  return place(attributes, task, surroundings);
}

/** An attribution with its task, and with the span that whatever begins here lies in. */
function place(
  attributes: Attribution,
  task: TaskState | undefined,
  { scope, activeSpan, caller }: Surroundings,
): Attribution {
  // What was said here, of this very part of it, is better than what is known there.
  const isRelayed = caller !== undefined && scope?.feature === undefined ? true : undefined;
  const parent = readParent(scope, task, activeSpan);
  // Who names its gateway tells it by the parent.
  const entryHost = caller === undefined ? scope?.request?.readEntryHost() : undefined;
  if (task !== undefined)
    return { ...attributes, task, taskId: task.id, taskName: task.name || undefined, parent, entryHost };
  const isMore = parent !== undefined || entryHost !== undefined;
  return isMore ? { ...attributes, parent, isRelayed, entryHost } : attributes;
}

/**
 * The innermost of the framework's step, the task and the application's own span, undefined for the last; where there is
 * neither step nor task, the call of another service that the request is.
 */
export const readParent = (
  scope: Scope | undefined,
  task: TaskState | undefined,
  activeSpan: Span | undefined,
): SpanContext | undefined =>
  readStepParent(scope, activeSpan?.spanContext().spanId) ??
  (task === undefined ? readCallerParent(scope) : readTaskParent(task, activeSpan));

const readCallerParent = (scope: Scope | undefined): SpanContext | undefined =>
  scope?.step === undefined ? scope?.request?.readCaller() : undefined;

/**
 * Whom and what a step of a framework serves that begins here and now. An agent or a workflow makes the task that the
 * calls inside would make, unless it is to be that task itself; a tool or a retrieval alone makes none.
 */
export function resolveStepAttribution(settings: AttributionSettings, operation: StepOperation): Attribution {
  const surroundings = readSurroundings(settings);
  const attributes = readAttributes(settings, surroundings);
  const sources = readSources(settings, surroundings);
  const own = sources.indexOf(operation as TaskSource);
  const before = own === -1 ? sources : sources.slice(0, own);
  const isMaker = operation === OPERATION.INVOKE_AGENT || operation === OPERATION.INVOKE_WORKFLOW;
  for (const source of before) {
    const task =
      readKnownTask(source, settings, surroundings) ??
      (isMaker ? createImpliedTask(source, settings, { surroundings, attributes }) : undefined);
    if (task !== undefined) return place(attributes, task, surroundings);
  }
  const outer = findTaskStep(surroundings.scope, operation as TaskSource)?.task;
  return place(attributes, own === -1 ? undefined : outer, surroundings);
}

/** The innermost task that somebody has named, in this process or another; makes none. */
export const resolveScopeTask = (settings: AttributionSettings): TaskState | undefined =>
  readScopeTask(settings, readSurroundings(settings));

/** The task of the code at hand, if it has one already. */
export function readCurrentTask(settings: AttributionSettings): TaskState | undefined {
  const surroundings = readSurroundings(settings);
  for (const source of readSources(settings, surroundings)) {
    const task = readKnownTask(source, settings, surroundings);
    if (task !== undefined) return task;
  }
  return undefined;
}

function readKnownTask(
  source: TaskSource,
  settings: AttributionSettings,
  surroundings: Surroundings,
): TaskState | undefined {
  const { scope, activeSpan } = surroundings;
  if (source === 'scope') return readScopeTask(settings, surroundings);
  if (source === 'http') return scope?.request?.task;
  const step = findTaskStep(scope, source);
  if (step !== undefined) return step.task;
  const { job } = scope ?? {};
  // The spans of others around a job are what has brought it, however deep its code runs.
  if (job !== undefined && isJobSource(source)) return job.job.kind === source ? job.task : undefined;
  return readSpanSource(activeSpan) === source ? readMessageTask(activeSpan) : undefined;
}

const isJobSource = (source: TaskSource): boolean => source === 'messaging' || source === 'job';

/** A judge is nobody's task, though it runs where one was; a task that it names itself is its own. */
const readSources = ({ taskSources }: AttributionSettings, { scope }: Surroundings): readonly TaskSource[] =>
  scope?.isEvaluation === true ? ['scope'] : taskSources;

function readScopeTask(
  { tasks }: AttributionSettings,
  { scope, baggage }: Surroundings,
): TaskState | undefined {
  const own = scope?.task;
  const id = baggage[ATTR.TASK_ID];
  if (id === undefined) return own;
  // Entering a task puts it into the baggage too, so another one there came with a message that was read inside.
  for (let at = own; at !== undefined; at = at.outer) if (at.id === id) return own;
  return tasks.find(id, baggage[ATTR.TASK_NAME]);
}

/** Feature and user of the code at hand, as {@link resolveAttribution} would say, without asking for a task. */
export const resolveAttributes = (settings: AttributionSettings): Attribution =>
  readAttributes(settings, readSurroundings(settings));

function readAttributes(settings: AttributionSettings, surroundings: Surroundings): Attribution {
  const { scope, baggage } = surroundings;
  const attributes: { -readonly [K in keyof Attribution]: Attribution[K] } = {
    feature: resolveFeature(settings, surroundings),
  };
  for (const key of SCOPE_KEYS) {
    if (key === 'feature') continue;
    const value = scope?.[key] ?? baggage[SCOPE_ATTRIBUTE_NAMES[key]];
    if (value !== undefined) attributes[key] = value;
  }
  return attributes;
}

function readSurroundings({ otel }: AttributionSettings): Surroundings {
  const context: Context | undefined = otel.readContext();
  const api = otel.read();
  const activeSpan = otel.readSpan(context);
  return {
    scope: currentScope(),
    baggage: api === undefined || context === undefined ? {} : readBaggage(api, context),
    activeSpan,
    serverSpan: readServerSpan(context, activeSpan),
    caller: currentScope()?.request?.readCaller(),
  };
}

function resolveFeature(settings: AttributionSettings, surroundings: Surroundings): string {
  if (surroundings.scope?.isEvaluation === true) return EVALUATION_FEATURE;
  for (const source of settings.features.from) {
    const feature = readFeature(source, settings, surroundings);
    if (feature !== undefined) return feature;
  }
  return settings.environmentFeature ?? surroundings.scope?.agentName ?? settings.features.default;
}

function readFeature(
  source: FeaturesConfig['from'][number],
  { routes, isNamedFunction }: AttributionSettings,
  { scope, baggage, activeSpan, serverSpan }: Surroundings,
): string | undefined {
  if (source === 'scope') return scope?.feature ?? baggage[ATTR.FEATURE] ?? scope?.functionName;
  if (scope?.job !== undefined)
    return source === ENTRY_ATTR.MESSAGING_DESTINATION_NAME ? routes.readTold(scope.job.job.name) : undefined;
  if (source === 'http.route' && scope?.request !== undefined && scope.partRoute === undefined) {
    if (isNamedFunction && readToldRoute(scope.request, serverSpan) === undefined) return undefined;
    return readRequestRoute(scope.request, routes, serverSpan);
  }
  const told =
    source === 'http.route' ? (scope?.partRoute ?? serverSpan?.route) : readEntry(source, activeSpan);
  return told === undefined ? undefined : routes.readTold(told);
}

/** A message's queue, or whatever other attribute of the active span says what is served. */
const readEntry = (source: string, activeSpan: Span | undefined): string | undefined =>
  readSpanAttribute(activeSpan, source) ??
  (source === ENTRY_ATTR.MESSAGING_DESTINATION_NAME
    ? readSpanAttribute(activeSpan, ENTRY_ATTR.BULLMQ_QUEUE_NAME)
    : undefined);

/** The first of the sources that there is; made where it is not known yet. */
function resolveTask(
  settings: AttributionSettings,
  surroundings: Surroundings,
  attributes: Attribution,
): TaskState | undefined {
  for (const source of readSources(settings, surroundings)) {
    const task =
      readKnownTask(source, settings, surroundings) ??
      createImpliedTask(source, settings, { surroundings, attributes });
    if (task !== undefined) return task;
  }
  return undefined;
}

function createImpliedTask(
  source: TaskSource,
  { tasks, routes, outcomeRules }: AttributionSettings,
  { surroundings, attributes }: { surroundings: Surroundings; attributes: Attribution },
): TaskState | undefined {
  const { scope, serverSpan, activeSpan, caller } = surroundings;
  const request: RequestState | undefined = scope?.request;
  const readStart = () => ({ attributes: readSpanAttributes(attributes), rules: outcomeRules });
  if (source === 'http') {
    // What is asked on behalf of another service's call is part of the task there.
    if (request === undefined || caller !== undefined) return undefined;
    return ensureRequestTask(tasks, request, {
      ...readStart(),
      route: readRequestRoute(request, routes, serverSpan),
      serverSpan,
      activeSpanId: activeSpan?.spanContext().spanId,
    });
  }
  const step = findTaskStep(scope, source);
  if (step !== undefined) return ensureStepTask(tasks, step, readStart());
  if (scope?.job !== undefined && isJobSource(source))
    return scope.job.job.kind === source
      ? ensureJobTask(tasks, scope.job, {
          ...readStart(),
          name: readJobName(scope.job, routes),
          consumerSpan:
            isFunctionSpan(activeSpan) || readSpanSource(activeSpan) === source
              ? activeSpan?.spanContext()
              : undefined,
        })
      : undefined;
  if (activeSpan === undefined || readSpanSource(activeSpan) !== source) return undefined;
  return ensureMessageTask(tasks, activeSpan, readStart());
}

/** `process orders`, of a queue; a schedule, an activity, a function by their own names. */
function readJobName({ job: { kind, name, type } }: JobState, routes: RequestRoutes): string {
  const told = routes.readTold(type ?? name);
  return kind === 'messaging' ? `${DEFAULT_OPERATION} ${told}` : told;
}

/** Feature and user under their attribute names. */
export function readSpanAttributes(attributes: ScopeAttributes): BaggageValues {
  const named: BaggageValues = {};
  for (const key of SCOPE_KEYS) {
    if (attributes[key] !== undefined) named[SCOPE_ATTRIBUTE_NAMES[key]] = attributes[key];
  }
  return named;
}

/**
 * The task's span as parent, unless the application has a span of its own inside the task: a span that was active
 * already around the task lies outside of it.
 */
function readTaskParent(task: TaskState, activeSpan: Span | undefined): SpanContext | undefined {
  const activeSpanId = activeSpan?.spanContext().spanId;
  return activeSpanId === undefined || activeSpanId === task.outerSpanId
    ? task.span?.spanContext()
    : undefined;
}
