import type { ScopeAttributes } from '@costspan/api';
import type { FeaturesConfig, OutcomeRule } from '@costspan/config';
import { ATTR } from '@costspan/semconv';
import type { Context, Span, SpanContext } from '@opentelemetry/api';
import { type BaggageValues, readBaggage } from './baggage.js';
import { type ActiveOtel, readServerSpan, readSpanAttribute, type ServerSpan } from './otel.js';
import { ensureRequestTask, type RequestState, readRequestRoute } from './request.js';
import type { PathRoutes } from './route.js';
import { currentScope, SCOPE_ATTRIBUTE_NAMES, SCOPE_KEYS, type Scope } from './scope.js';
import type { TaskBook, TaskState } from './tasks.js';

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
}

/** What resolving needs to know. */
export interface AttributionSettings {
  readonly otel: ActiveOtel;
  readonly tasks: TaskBook;
  readonly paths: PathRoutes;
  readonly features: FeaturesConfig;
  /** `COSTSPAN_FEATURE`. */
  readonly environmentFeature: string | undefined;
  readonly outcomeRules: readonly OutcomeRule[];
}

/** Everything around a call that says something about it. */
interface Surroundings {
  readonly scope: Scope | undefined;
  readonly baggage: BaggageValues;
  readonly activeSpan: Span | undefined;
  readonly serverSpan: ServerSpan | undefined;
}

/**
 * Says whom and what a call serves that begins here and now. User and tenant come from the explicit scope, then from
 * baggage; the feature from the sources of the config in their order, then `COSTSPAN_FEATURE`, then the default; the
 * task is the nearest `withTask`, of this process or one before it, else the request.
 */
export function resolveAttribution(settings: AttributionSettings): Attribution {
  const surroundings = readSurroundings(settings);
  const { scope, baggage } = surroundings;
  const attributes = readAttributes(settings, surroundings);
  // A task that came with a message from another process stands below one begun here.
  const remoteTaskId = scope?.task === undefined ? baggage[ATTR.TASK_ID] : undefined;
  if (remoteTaskId !== undefined) {
    return { ...attributes, taskId: remoteTaskId, taskName: baggage[ATTR.TASK_NAME] };
  }
  const task = scope?.task ?? resolveRequestTask(settings, surroundings, attributes);
  if (task === undefined) return attributes;
  const parent = readTaskParent(task, surroundings.activeSpan);
  return { ...attributes, task, taskId: task.id, taskName: task.name, parent };
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
  return {
    scope: currentScope(),
    baggage: api === undefined || context === undefined ? {} : readBaggage(api, context),
    activeSpan: otel.readSpan(context),
    serverSpan: readServerSpan(context),
  };
}

function resolveFeature(settings: AttributionSettings, surroundings: Surroundings): string {
  for (const source of settings.features.from) {
    const feature = readFeature(source, settings, surroundings);
    if (feature !== undefined) return feature;
  }
  return settings.environmentFeature ?? settings.features.default;
}

function readFeature(
  source: FeaturesConfig['from'][number],
  { paths }: AttributionSettings,
  { scope, baggage, activeSpan, serverSpan }: Surroundings,
): string | undefined {
  if (source === 'scope') return scope?.feature ?? baggage[ATTR.FEATURE];
  if (source !== 'http.route') return readSpanAttribute(activeSpan, source);
  if (scope?.request !== undefined) return readRequestRoute(scope.request, paths, serverSpan);
  return serverSpan?.route ?? readSpanAttribute(activeSpan, source);
}

function resolveRequestTask(
  { tasks, paths, outcomeRules }: AttributionSettings,
  { scope, serverSpan, activeSpan }: Surroundings,
  attributes: Attribution,
): TaskState | undefined {
  const request: RequestState | undefined = scope?.request;
  if (request === undefined) return undefined;
  return (
    request.task ??
    ensureRequestTask(tasks, request, {
      route: readRequestRoute(request, paths, serverSpan),
      attributes: readSpanAttributes(attributes),
      serverSpan,
      activeSpanId: activeSpan?.spanContext().spanId,
      rules: outcomeRules,
    })
  );
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
export function readTaskParent(task: TaskState, activeSpan: Span | undefined): SpanContext | undefined {
  const activeSpanId = activeSpan?.spanContext().spanId;
  return activeSpanId === undefined || activeSpanId === task.outerSpanId
    ? task.span?.spanContext()
    : undefined;
}
