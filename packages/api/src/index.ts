export { recordOutcome } from './outcome.js';
export {
  type ExplicitOutcome,
  type OutcomeDetail,
  registerRuntime,
  type ScopeRuntime,
  unregisterRuntime,
} from './runtime.js';
export { type ScopeAttributes, withAttributes, withFeature } from './scope.js';
export { currentTask, type Task, type TaskOptions, type TaskSummary, withTask } from './task.js';
