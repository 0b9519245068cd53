import type {
  Evaluator,
  ExplicitOutcome,
  SaidDetail,
  ScopeAttributes,
  ScopeRuntime,
  Task,
  TaskOptions,
  TaskSummary,
} from '@costspan/api';
import { ATTR, EVALUATION_FEATURE, OUTCOMES } from '@costspan/semconv';
import {
  type BaggageValues,
  parseBaggage,
  renderBaggage,
  withBaggage,
  withoutCostspanBaggage,
} from './baggage.js';
import { type Completion, type Enter, followResult, keepGeneratorIn } from './completion.js';
import {
  type AttributionSettings,
  readCurrentTask,
  readParent,
  readSpanAttributes,
  resolveAttributes,
  resolveAttribution,
  resolveScopeTask,
} from './resolve.js';
import { currentScope, type Scope, scopeStorage } from './scope.js';
import { readScopeAttributes, readScopeValue, SCOPE_ATTRIBUTE_NAMES, SCOPE_KEYS } from './scope-value.js';
import { summarizeTask, type TaskOutcome, type TaskState } from './task.js';

/** What is wrong with an output of which no more is said. */
const INVALID_OUTPUT = 'invalid_output';
/** Name of a task whose caller gave none that can be used. */
const UNNAMED_TASK = 'unnamed';

/** Where the runtime turns to. */
export interface RuntimeDoors {
  readonly onError: (error: unknown) => void;
  /** Sends what has been recorded. */
  readonly flush: (timeoutMs: number) => Promise<void>;
}

/** What `@costspan/api` calls in a process that costspan observes. */
export class AttributionRuntime implements ScopeRuntime {
  readonly #settings: AttributionSettings;
  readonly #onError: (error: unknown) => void;
  readonly #flush: (timeoutMs: number) => Promise<void>;

  constructor(settings: AttributionSettings, { onError, flush }: RuntimeDoors) {
    this.#settings = settings;
    this.#onError = onError;
    this.#flush = flush;
  }

  async forceFlush(timeoutMs: number): Promise<void> {
    try {
      await this.#flush(timeoutMs);
    } catch (error) {
      this.#onError(error);
    }
  }

  withAttributes<T>(attributes: ScopeAttributes, fn: () => T): T {
    const enter = this.#guard(() => {
      const clean = readScopeAttributes(attributes);
      return this.#prepare({ ...currentScope(), ...clean }, readSpanAttributes(clean));
    });
    return this.#runIn(enter, fn);
  }

  withImportedScope<T>(exported: string | undefined, fn: () => T): T {
    const enter = this.#guard(() => {
      const values = parseBaggage(exported);
      const id = values[ATTR.TASK_ID];
      const task = id === undefined ? undefined : this.#settings.tasks.find(id, values[ATTR.TASK_NAME]);
      return this.#prepare({ ...currentScope(), ...readScope(values), ...(task && { task }) }, values);
    });
    return this.#runIn(enter, fn);
  }

  exportScope(): string | undefined {
    return this.#guard(() => {
      const { features } = this.#settings;
      const { taskId, taskName, ...attributes } = resolveAttribution(this.#settings);
      const { [ATTR.FEATURE]: feature, ...values } = readSpanAttributes(attributes);
      return renderBaggage({
        ...values,
        [ATTR.TASK_ID]: taskId,
        [ATTR.TASK_NAME]: taskName,
        // Where nothing is known here, the other side may know better.
        [ATTR.FEATURE]: feature === features.default ? undefined : feature,
      });
    });
  }

  withTask<T>(name: string, options: TaskOptions, fn: (task: Task) => T): T {
    const begun = this.#guard(() => this.#begin(name, options));
    if (begun === undefined) return fn(this.#handle(undefined, name));
    const { task, enter } = begun;
    const completion: Completion = {
      done: () => this.#settings.tasks.end(task),
      failed: (error) =>
        this.#settings.tasks.end(
          task,
          { outcome: 'failure', source: 'exception' },
          { [ATTR.ERROR_TYPE]: readErrorType(error) },
        ),
    };
    let result: T;
    try {
      result = enter(() => fn(this.#handle(task, name)));
    } catch (error) {
      completion.failed(error);
      throw error;
    }
    return this.#guard(() => followResult(result, enter, completion)) ?? result;
  }

  currentTask(): TaskSummary | undefined {
    return this.#guard(() => {
      const task = readCurrentTask(this.#settings);
      return task === undefined ? undefined : summarizeTask(task);
    });
  }

  recordOutcome(taskId: string, outcome: ExplicitOutcome, detail: SaidDetail): void {
    this.#guard(() => {
      const id = readScopeValue(taskId);
      if (id === undefined) throw new TypeError('recordOutcome: the task id is no text');
      this.#settings.tasks.sayById(id, readOutcome(outcome, detail));
    });
  }

  reportInvalidOutput(reason: string | undefined): void {
    this.#guard(() => {
      const task = readCurrentTask(this.#settings);
      if (task !== undefined) task.invalidOutput = readScopeValue(reason) ?? INVALID_OUTPUT;
    });
  }

  evaluateTask(taskId: string, evaluator: Evaluator): void {
    this.#guard(() => {
      const id = readScopeValue(taskId);
      if (id === undefined) throw new TypeError('evaluateTask: the task id is no text');
      this.#settings.tasks.evaluate(this.#settings.tasks.find(id), evaluator, this.#enterEvaluation());
    });
  }

  #runIn<T>(enter: Enter | undefined, fn: () => T): T {
    if (enter === undefined) return fn();
    const result = enter(fn);
    return this.#guard(() => keepGeneratorIn(result, enter)) ?? result;
  }

  #begin(name: string, options: TaskOptions): { task: TaskState; enter: Enter } {
    const { otel, tasks } = this.#settings;
    const around = currentScope();
    const outer = resolveScopeTask(this.#settings);
    const clean = readScopeAttributes(options);
    const activeSpan = otel.readSpan(otel.readContext());
    const task = tasks.start({
      id: readScopeValue(options.id),
      name: readScopeValue(name) ?? UNNAMED_TASK,
      attributes: readSpanAttributes({ ...resolveAttributes(this.#settings), ...clean }),
      outer,
      parent: readParent(around, outer, activeSpan),
      outerSpanId: activeSpan?.spanContext().spanId,
    });
    const scope: Scope = { ...around, ...clean, task };
    const baggage = { ...readSpanAttributes(clean), [ATTR.TASK_ID]: task.id, [ATTR.TASK_NAME]: task.name };
    return { task, enter: this.#prepare(scope, baggage) };
  }

  /** How to run a judge: for the same user, but as no task's work, here and in the services that it asks. */
  #enterEvaluation(): Enter {
    const attributes = readScopeAttributes(resolveAttributes(this.#settings));
    const scope: Scope = { ...attributes, feature: EVALUATION_FEATURE, isEvaluation: true };
    const api = this.#settings.otel.read();
    if (api === undefined) return (fn) => scopeStorage.run(scope, fn);
    const bare = withoutCostspanBaggage(api, api.context.active());
    const context = withBaggage(api, bare, readSpanAttributes(scope));
    return (fn) => scopeStorage.run(scope, () => api.context.with(context, fn));
  }

  /** How to run something in a scope, with the same in the active baggage for the application's other services. */
  #prepare(scope: Scope, baggage: BaggageValues): Enter {
    const api = this.#settings.otel.read();
    if (api === undefined || Object.keys(baggage).length === 0) return (fn) => scopeStorage.run(scope, fn);
    const context = withBaggage(api, api.context.active(), baggage);
    return (fn) => scopeStorage.run(scope, () => api.context.with(context, fn));
  }

  #handle(task: TaskState | undefined, name: string): Task {
    const say = (outcome: ExplicitOutcome, reason: string | undefined): void => {
      this.#guard(() => task && this.#settings.tasks.say(task, readOutcome(outcome, { reason })));
    };
    return {
      id: task?.id ?? '',
      name: task?.name ?? name,
      succeed: () => say('success', undefined),
      fail: (reason) => say('failure', reason),
      abandon: (reason) => say('abandoned', reason),
      evaluate: (evaluator) => {
        this.#guard(() => task && this.#settings.tasks.evaluate(task, evaluator, this.#enterEvaluation()));
      },
    };
  }

  /** A failure of ours is told and goes no further. */
  #guard<R>(fn: () => R): R | undefined {
    try {
      return fn();
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
  }
}

/** Feature and user of imported values. */
function readScope(values: BaggageValues): ScopeAttributes {
  const named: { -readonly [K in keyof ScopeAttributes]: ScopeAttributes[K] } = {};
  for (const key of SCOPE_KEYS) {
    const value = values[SCOPE_ATTRIBUTE_NAMES[key]];
    if (value !== undefined) named[key] = value;
  }
  return named;
}

function readOutcome(outcome: ExplicitOutcome, { reason, score, source = 'api' }: SaidDetail): TaskOutcome {
  // JavaScript callers are not held to the type.
  if (!OUTCOMES.includes(outcome)) throw new TypeError(`no outcome: ${String(outcome)}`);
  return {
    outcome,
    source,
    reason: readScopeValue(reason),
    score: typeof score === 'number' && Number.isFinite(score) ? score : undefined,
  };
}

/** Class name of what was thrown, as `error.type` has it. */
const readErrorType = (error: unknown): string => (error instanceof Error ? error.name : '_OTHER');
