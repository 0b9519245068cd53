export { type Address, parseAddress } from './address.js';
export { type ProcessorArguments, parseArguments, type StartError } from './arguments.js';
export { type EvidenceSpan, explainTasks, type OutcomeReason, type TaskExplanation } from './explain.js';
export { type RunningProcessor, type StartOptions, startProcessor } from './main.js';
export { Processor, type ProcessorOptions } from './processor.js';
export { MalformedError } from './receive/wire.js';
export { type ProcessorEnvironment, runProcessor } from './run.js';
