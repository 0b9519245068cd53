import type { Evaluator } from '@costspan/api';
import { ATTR } from '@costspan/semconv';
import type { SpanAttributes } from '../provider.js';
import { readNowMs } from '../timers.js';
import type { Enter } from './completion.js';
import { Evaluations, isSampled, type Judged } from './evaluation.js';
import {
  createTask,
  createTaskId,
  readOutcomeAttributes,
  readParent,
  type TaskClose,
  type TaskEvent,
  type TaskOutcome,
  type TaskRecorder,
  type TaskSpan,
  type TaskSpanStart,
  type TaskStart,
  type TaskState,
  type TaskUsage,
} from './task.js';

/** Open tasks that can be found by their id. Further ones work, but what is said of them later goes out as a span. */
const MAX_OPEN_TASKS = 50_000;
/** Tasks of other processes whose sums are kept; the one that was used longest ago makes room. */
const MAX_REMOTE_TASKS = 10_000;
/** Evaluators of one task; further ones are refused. */
const MAX_TASK_EVALUATORS = 16;

/** The tasks of this process, and those of others that it works on. */
export class TaskBook {
  readonly #recorder: TaskRecorder;
  readonly #onError: (error: unknown) => void;
  readonly #evaluations: Evaluations;
  readonly #open = new Map<string, TaskState>();
  readonly #remote = new Map<string, TaskState>();

  constructor(recorder: TaskRecorder, onError: (error: unknown) => void) {
    this.#recorder = recorder;
    this.#onError = onError;
    this.#evaluations = new Evaluations(onError);
  }

  /** Begins a task and its span. */
  start({ id = createTaskId(), name, startMs = readNowMs(), attributes, ...start }: TaskStart): TaskState {
    const span = this.#startSpan({
      name: `task ${name}`,
      startMs,
      attributes: {
        ...attributes,
        [ATTR.TASK_ID]: id,
        [ATTR.TASK_NAME]: name,
        ...readParent(start.outer, id),
      },
      parent: start.parent,
    });
    const task = createTask({ id, name, span, outer: start.outer, outerSpanId: start.outerSpanId });
    if (this.#open.size < MAX_OPEN_TASKS) this.#open.set(id, task);
    return task;
  }

  /** The task of that id: an open one of this process, else one of another process, whose span is not ours to write. */
  find(id: string, name = ''): TaskState {
    const open = this.#open.get(id);
    if (open !== undefined) return open;
    const known = this.#remote.get(id);
    const task = known ?? createTask({ id, name, isEnded: true });
    // Moved to the end: the first one is the one that was used longest ago.
    this.#remote.delete(id);
    this.#remote.set(id, task);
    if (this.#remote.size > MAX_REMOTE_TASKS) this.#remote.delete(this.#remote.keys().next().value ?? '');
    return task;
  }

  /**
   * Closes a task once; `concluded` holds when neither the application nor an evaluator has said anything. A task that
   * has failed or was given up is not judged any more. The span waits for the evaluators and ends at this time.
   */
  end(task: TaskState, concluded?: TaskOutcome, attributes?: SpanAttributes): void {
    if (task.isEnded || task.close !== undefined) return;
    task.close = { endMs: readNowMs(), concluded, attributes };
    const isLost = concluded?.outcome === 'failure' || concluded?.outcome === 'abandoned';
    let open = isLost ? 0 : task.evaluators.length;
    if (open === 0) {
      this.#finish(task, task.close);
      return;
    }
    const close = task.close;
    for (const start of task.evaluators) {
      this.#evaluations.run(start, (judged) => {
        open -= 1;
        this.#noteJudged(task, judged);
        if (open === 0) this.#finish(task, close);
      });
    }
  }

  /** Takes an evaluator for a task; one whose span has ended is judged now, the verdict goes out on its own. */
  evaluate(task: TaskState, evaluator: Evaluator, enter: Enter): void {
    if (!isSampled(evaluator)) return;
    if (task.isEnded || task.close !== undefined) {
      this.#evaluations.run({ evaluator, enter }, (judged) => {
        if (judged !== undefined) this.#recordLate(task.id, judged.outcome, judged.event);
      });
      return;
    }
    if (task.evaluators.length >= MAX_TASK_EVALUATORS)
      throw new RangeError(`a task has at most ${MAX_TASK_EVALUATORS} evaluators`);
    task.evaluators.push({ evaluator, enter });
  }

  /** Keeps what the application says of a running task; what comes after its end goes out on its own. */
  say(task: TaskState, outcome: TaskOutcome): void {
    if (task.isEnded) this.#recordLate(task.id, outcome);
    else task.said = outcome;
  }

  /** Says the outcome of a task of any process. */
  sayById(taskId: string, outcome: TaskOutcome): void {
    const task = this.#open.get(taskId);
    if (task === undefined) this.#recordLate(taskId, outcome);
    else task.said = outcome;
  }

  /** Adds an ended call to its task and to those around it. */
  noteCall(task: TaskState, usage: TaskUsage): void {
    // What was wrong with an answer is made good by the next one, unless that is wrong too.
    task.invalidOutput = undefined;
    for (let at: TaskState | undefined = task; at !== undefined; at = at.outer) {
      at.calls += 1;
      at.tokens += usage.tokens;
      if (usage.costPicoUsd === undefined) at.unpricedCalls += 1;
      else at.costPicoUsd += usage.costPicoUsd;
    }
  }

  /** Ends every open task, judged or not: at the end of the process nothing else would. */
  endAll(concluded?: TaskOutcome): void {
    for (const task of [...this.#open.values()]) {
      this.#finish(task, task.close ?? { endMs: readNowMs(), concluded, attributes: undefined });
    }
  }

  #noteJudged(task: TaskState, judged: Judged | undefined): void {
    if (judged === undefined) return;
    if (task.isEnded) {
      this.#recordLate(task.id, judged.outcome, judged.event);
      return;
    }
    try {
      task.span?.addEvent(judged.event);
    } catch (error) {
      this.#onError(error);
    }
    if (judged.outcome !== undefined && task.evaluated?.outcome !== 'failure')
      task.evaluated = judged.outcome;
  }

  #finish(task: TaskState, { endMs, concluded, attributes }: TaskClose): void {
    if (task.isEnded) return;
    task.isEnded = true;
    if (this.#open.get(task.id) === task) this.#open.delete(task.id);
    try {
      const outcome = task.said ?? task.evaluated ?? concluded;
      task.span?.setAttributes({
        ...attributes,
        ...readOutcomeAttributes(outcome),
        [ATTR.OUTPUT_VALIDATION_ERROR]: task.invalidOutput,
      });
      task.span?.end(endMs);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** What comes late is a span of its own, `task outcome`, that names the task by its id alone. */
  #recordLate(taskId: string, outcome: TaskOutcome | undefined, event?: TaskEvent): void {
    const attributes = { [ATTR.TASK_ID]: taskId, ...readOutcomeAttributes(outcome) };
    const span = this.#startSpan({ name: 'task outcome', startMs: readNowMs(), attributes });
    try {
      if (event !== undefined) span?.addEvent(event);
      span?.end();
    } catch (error) {
      this.#onError(error);
    }
  }

  #startSpan(start: TaskSpanStart): TaskSpan | undefined {
    try {
      return this.#recorder.startTask(start);
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
  }
}
