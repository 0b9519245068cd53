export {
  type AttributionOptions,
  type Attributor,
  startAttribution,
} from './attribution.js';
export { withoutCostspanBaggage } from './baggage.js';
export type { OtelApi } from './otel.js';
export type { Attribution } from './resolve.js';
export {
  currentCall,
  currentScope,
  runWithCall,
  type Scope,
  scopeStorage,
  withHints,
} from './scope.js';
export type { StepState } from './step.js';
export type {
  TaskEvent,
  TaskOutcome,
  TaskRecorder,
  TaskSpan,
  TaskSpanStart,
  TaskState,
  TaskUsage,
} from './task.js';
