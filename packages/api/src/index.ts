export type {
  Evaluation,
  Evaluator,
  ExplicitOutcome,
  OutcomeDetail,
  SaidDetail,
  ScopeAttributes,
  Task,
  TaskOptions,
  TaskSummary,
  Verdict,
} from './contract.js';
export { evaluateTask } from './evaluation.js';
export { forceFlush } from './flush.js';
export { recordOutcome, recordReopened, recordThumb, reportInvalidOutput } from './outcome.js';
export { registerRuntime, type ScopeRuntime, unregisterRuntime } from './runtime.js';
export { withAttributes, withFeature } from './scope.js';
export { currentTask, withTask } from './task.js';
export { exportScope, MAX_IMPORTED_CHARS, withImportedScope } from './transfer.js';
