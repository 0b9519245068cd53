import type { OPERATION } from '@costspan/semconv';
import type { ModuleGate } from './module-gate.js';
import type { BatchedCall, SpanAttributes } from './provider.js';

/**
 * The contract of one agent framework: which of its methods and functions are steps of its work. It says who runs and
 * how to call it, never what passes: no arguments of tools, no results, no prompts. Calls of models are counted where
 * they leave for the provider; a step adds structure around them and a hint at the feature that they serve.
 *
 * What a new framework costs: one file in `frameworks/`, one line in its `index.ts`, its rows in `test/frameworks`.
 */
export interface Framework {
  /** As the docs call it. */
  readonly name: string;
  readonly module: ModuleGate;
  readonly steps: readonly Step[];
  /** Where the framework itself tells of its steps, on a `tracingChannel` of Node. */
  readonly channel?: StepChannel;
  /** True of what the framework throws to steer itself: an interrupt is no failure. */
  readonly isSignal?: (thrown: unknown) => boolean;
}

/** A framework as the loader knows it: its gate at once, the rest when the application loads it. */
export interface FrameworkEntry {
  readonly module: ModuleGate;
  /** Its calls leave where nobody else sees them: without it they are not counted. */
  readonly carriesCalls?: boolean;
  loadFramework(): Framework;
}

/** Operations of the conventions that are no call of a model. */
export type StepOperation = (typeof OPERATION)[
  | 'INVOKE_AGENT'
  | 'INVOKE_WORKFLOW'
  | 'EXECUTE_TOOL'
  | 'RETRIEVAL'];

/** A method of a class, or a function of a module, one run of which is a step. */
export interface Step {
  /** Absent for a function. */
  readonly className?: string;
  readonly method: string;
  /** First version that has another step in its place. */
  readonly below?: string;
  /**
   * What it was called for; `undefined` where this run is no step. Never changes its arguments. Absent where no run is
   * a step, and only functions among its arguments are.
   */
  readStart?(
    args: readonly unknown[],
    instance: object | undefined,
    /** Of a maker: what the function was made with. */
    madeWith: readonly unknown[],
  ): StepStart | undefined;
  /**
   * A promise that settles with the step, where neither the returned value nor what its promise resolves to is one, is
   * iterated or is read as a stream. Only one whose rejection the framework takes itself.
   */
  readonly readEnd?: (returned: unknown) => unknown;
  /** Where the work is done in another process: what the stream of its messages tells. */
  readonly told?: ToldWork;
  /** What failed, where the value that it came to says so and nothing is thrown. */
  readonly readError?: (value: unknown) => unknown;
  /**
   * Arguments in place of those that were given, where functions among them are steps of their own: `observe` gives
   * one that does the same. The objects that the application holds stay as they are.
   */
  readonly exchange?: (args: readonly unknown[], observe: ObserveFunction) => readonly unknown[];
  /** The method makes a function and returns it: each run of that function is the step. */
  readonly isMaker?: boolean;
}

/** A fold over the messages of one run that is done elsewhere. None of it changes a message. */
export interface ToldWork {
  begin(args: readonly unknown[]): unknown;
  read(soFar: unknown, message: unknown): ToldSteps;
  /** Calls that were begun and that no message has summed up: the run has ended. */
  readRest(soFar: unknown): readonly BatchedCall[];
}

export interface ToldSteps {
  readonly state: unknown;
  readonly news: readonly ToldNews[];
}

/** Calls that have been made, a tool that has been begun or is done, a run that has failed. */
export type ToldNews =
  | { readonly kind: 'call'; readonly call: BatchedCall }
  | { readonly kind: 'started'; readonly id: string; readonly start: StepStart }
  | { readonly kind: 'ended'; readonly id: string; readonly errorType: string | undefined }
  | { readonly kind: 'failed'; readonly errorType: string | undefined };

/** Gives a function that does what `fn` does, called on `owner`, as a step. */
export type ObserveFunction = (
  fn: unknown,
  owner: object,
  readStart: (args: readonly unknown[]) => StepStart | undefined,
) => unknown;

/** Who runs. */
export interface StepStart {
  /** Absent where only the feature is told and no span is wanted. */
  readonly operation?: StepOperation;
  /** Of low cardinality: an agent's, a workflow's, a tool's; of a retrieval, where it searches. */
  readonly name?: string | undefined;
  /**
   * What the application itself calls this run: the feature of the calls inside, where no scope names one and no step
   * around has. Not the agent's own name: that comes after the route.
   */
  readonly feature?: string | undefined;
  /** Further attributes, names from `ATTR`. */
  readonly attributes?: SpanAttributes;
  /** What it gives is a stream: it ends, at the latest, when the application aborts a call in it. */
  readonly isStream?: boolean;
  /** A part of the step around, without a span of its own: that one ends no earlier than its parts. */
  readonly isPart?: boolean;
  /** Only where no step is around: inside of one it would say nothing new. */
  readonly isOutermost?: boolean;
}

/** A `tracingChannel` that publishes steps. */
export interface StepChannel {
  readonly name: string;
  /** First version that publishes there; from it on nothing is patched. */
  readonly from: string;
  readStart(message: unknown): StepStart | undefined;
}
