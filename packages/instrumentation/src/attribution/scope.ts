import { AsyncLocalStorage } from 'node:async_hooks';
import type { ScopeAttributes } from '@costspan/api';
import type { JobState } from './job.js';
import type { RequestState } from './request.js';
import { readScopeValue } from './scope-value.js';
import type { StepScope } from './step.js';

/**
 * Everything that follows the application's asynchronous flow, in the one storage there is. Immutable: an inner
 * scope is a copy, so that whoever holds the outer one sees no change.
 */
export interface Scope extends ScopeAttributes, StepScope {
  /** The server request this code runs for. */
  readonly request?: RequestState | undefined;
  /** The route of what this code runs for, where the request asks for several at once. */
  readonly partRoute?: string | undefined;
  /** The message or the job that this code runs for. */
  readonly job?: JobState | undefined;
  /** The code at hand judges a task: what it costs is never the task's. */
  readonly isEvaluation?: true | undefined;
  /** What the application calls what runs, to a framework; the outermost name there is. */
  readonly functionName?: string | undefined;
  /** Name of the outermost agent or workflow that has one. */
  readonly agentName?: string | undefined;
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
