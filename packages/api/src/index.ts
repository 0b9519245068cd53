export { type Evaluation, type Evaluator, evaluateTask, type Verdict } from './evaluation.js';
export { forceFlush } from './flush.js';
export { recordOutcome, recordReopened, recordThumb, reportInvalidOutput } from './outcome.js';
export {
  type ExplicitOutcome,
  type OutcomeDetail,
  registerRuntime,
  type SaidDetail,
  type ScopeRuntime,
  unregisterRuntime,
} from './runtime.js';
export { type ScopeAttributes, withAttributes, withFeature } from './scope.js';
export { currentTask, type Task, type TaskOptions, type TaskSummary, withTask } from './task.js';
export { exportScope, MAX_IMPORTED_CHARS, withImportedScope } from './transfer.js';
