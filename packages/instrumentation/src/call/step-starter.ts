import type { Scope } from '../attribution/index.js';
import type { StepStart } from '../framework.js';
import type { BatchedCall } from '../provider.js';

/** What patched frameworks ask of the rest of the instrumentation. */
export interface StepStarter {
  /** False once the instrumentation is disabled: every step then passes through untouched. */
  readonly isEnabled: boolean;
  /** Begins a step, or gives `undefined` where it is none. Never throws. */
  begin(start: StepStart, instance: object | undefined): OpenStep | undefined;
  /** Records a call that was made in another process and began at `startMs`. Never throws. */
  tell(call: BatchedCall, startMs: number): void;
}

/** A step that is going on. It ends once; none of this throws. */
export interface OpenStep {
  /** What the code of the step runs in, for those who enter it by other means than {@link enter}. */
  readonly scope: Scope;
  /** Runs code of the step in its scope, with its span active. */
  enter<T>(fn: () => T): T;
  /** With an error where the framework names one instead of throwing it. */
  end(errorType?: string): void;
  fail(error: unknown): void;
  /** Nobody reads on. */
  abort(): void;
  /** Runs `fn` once, when the step ends and before it has ended; it may name an error that nobody has thrown. */
  beforeEnd(fn: () => string | undefined): void;
  /** Ends the step, at the latest, when this object is collected: then nobody can go on with it. */
  holdBy(value: unknown): void;
}
