import type {
  Evaluator,
  ExplicitOutcome,
  SaidDetail,
  ScopeAttributes,
  Task,
  TaskOptions,
  TaskSummary,
} from './contract.js';

/**
 * What the preload registers and every public function of this package calls. Each method that takes `fn` calls it
 * exactly once, at once, and hands back the very value it returned or threw; none adds a failure of its own.
 */
export interface ScopeRuntime {
  withAttributes<T>(attributes: ScopeAttributes, fn: () => T): T;
  withTask<T>(name: string, options: TaskOptions, fn: (task: Task) => T): T;
  currentTask(): TaskSummary | undefined;
  recordOutcome(taskId: string, outcome: ExplicitOutcome, detail: SaidDetail): void;
  evaluateTask(taskId: string, evaluator: Evaluator): void;
  /** Absent in preloads that are older than it. */
  reportInvalidOutput?(reason: string | undefined): void;
  /** Never rejects. Absent in preloads that are older than it. */
  forceFlush?(timeoutMs: number): Promise<void>;
  exportScope(): string | undefined;
  withImportedScope<T>(exported: string | undefined, fn: () => T): T;
}

/** One slot per process, shared by every copy of this package; the number is that of {@link ScopeRuntime}. */
const SLOT = Symbol.for('costspan.api.1');
const registry = globalThis as typeof globalThis & { [SLOT]?: ScopeRuntime | undefined };

/** The registered runtime; `undefined` where no preload runs, and then every call of this package is a no-op. */
export const readRuntime = (): ScopeRuntime | undefined => registry[SLOT];

/** Puts a runtime in the process-wide slot. The first one stays: `false` when the slot was taken. */
export function registerRuntime(runtime: ScopeRuntime): boolean {
  if (registry[SLOT] !== undefined) return false;
  registry[SLOT] = runtime;
  return true;
}

/** Empties the slot when it holds this runtime. */
export function unregisterRuntime(runtime: ScopeRuntime): void {
  if (registry[SLOT] === runtime) registry[SLOT] = undefined;
}
