import { AsyncLocalStorage } from 'node:async_hooks';
import type { ScopeAttributes } from '@costspan/api';
import { ATTR } from '@costspan/semconv';
import type { RequestState } from './request.js';
import type { StepState } from './step.js';
import type { TaskState } from './task.js';

/**
 * Everything that follows the application's asynchronous flow, in the one storage there is. Immutable: an inner
 * scope is a copy, so that whoever holds the outer one sees no change.
 */
export interface Scope extends ScopeAttributes {
  /** The task of the nearest `withTask` or `withImportedScope`. */
  readonly task?: TaskState | undefined;
  /** The server request this code runs for. */
  readonly request?: RequestState | undefined;
  /** The code at hand judges a task: what it costs is never the task's. */
  readonly isEvaluation?: true | undefined;
  /** What the application calls what runs, to a framework; the outermost name there is. */
  readonly functionName?: string | undefined;
  /** Name of the outermost agent or workflow that has one. */
  readonly agentName?: string | undefined;
  /** The step of a framework's work that the code at hand is part of. */
  readonly step?: StepState | undefined;
  /** Opaque to this folder: the call engine's, so that a call inside a call is known as such. */
  readonly call?: unknown;
}

/** The storage. One for all, because each one costs at every asynchronous step on Node 22. */
export const scopeStorage = new AsyncLocalStorage<Scope>();

/** The scope of the code at hand; `undefined` outside any. */
export const currentScope = (): Scope | undefined => scopeStorage.getStore();

/** Runs `fn` as part of a model call. */
export function runWithCall<T>(call: unknown, fn: () => T): T {
  const scope = scopeStorage.getStore();
  return scopeStorage.run(scope === undefined ? { call } : { ...scope, call }, fn);
}

/** The scope with what a framework says of the feature; what it has already is the wider one and stays. */
export function withHints(
  scope: Scope | undefined,
  hints: Pick<Scope, 'functionName' | 'agentName'>,
): Scope | undefined {
  const functionName = scope?.functionName ?? readScopeValue(hints.functionName);
  const agentName = scope?.agentName ?? readScopeValue(hints.agentName);
  const isSame = functionName === scope?.functionName && agentName === scope?.agentName;
  return isSame ? scope : { ...scope, functionName, agentName };
}

/** The model call that the code at hand is part of, as given to {@link runWithCall}. */
export const currentCall = (): unknown => scopeStorage.getStore()?.call;

/** Attribute name of each scope attribute, on spans and in baggage. */
export const SCOPE_ATTRIBUTE_NAMES = {
  feature: ATTR.FEATURE,
  userTier: ATTR.USER_TIER,
  tenant: ATTR.TENANT,
  userId: ATTR.USER_ID,
  sessionId: ATTR.SESSION_ID,
} as const satisfies Record<keyof ScopeAttributes, string>;
/** The keys of {@link ScopeAttributes}, typed as such. */
export const SCOPE_KEYS = Object.keys(SCOPE_ATTRIBUTE_NAMES) as (keyof ScopeAttributes)[];

/** Characters of one scope value, from the application or from baggage; what is longer is cut. */
export const MAX_SCOPE_VALUE_CHARS = 256;

/** A value as a scope holds it; `undefined` for what is no text, number or is empty. JavaScript callers pass anything. */
export function readScopeValue(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'string' || value === '') return undefined;
  return value.length > MAX_SCOPE_VALUE_CHARS ? value.slice(0, MAX_SCOPE_VALUE_CHARS) : value;
}

/** The attributes that are there, cleaned. */
export function readScopeAttributes(attributes: ScopeAttributes): ScopeAttributes {
  const clean: { -readonly [K in keyof ScopeAttributes]: ScopeAttributes[K] } = {};
  for (const key of SCOPE_KEYS) {
    const value = readScopeValue(attributes[key]);
    if (value !== undefined) clean[key] = value;
  }
  return clean;
}
