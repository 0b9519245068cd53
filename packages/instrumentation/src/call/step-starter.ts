import type { Scope } from '../attribution/index.js';
import type { StepStart } from '../framework.js';

/** What patched frameworks ask of the rest of the instrumentation. */
export interface StepStarter {
  /** False once the instrumentation is disabled: every step then passes through untouched. */
  readonly isEnabled: boolean;
  /** Begins a step, or gives `undefined` where it is none. Never throws. */
  begin(start: StepStart, instance: object | undefined): OpenStep | undefined;
}

/** A step that is going on. It ends once; none of this throws. */
export interface OpenStep {
  /** What the code of the step runs in, for those who enter it by other means than {@link enter}. */
  readonly scope: Scope;
  /** Runs code of the step in its scope, with its span active. */
  enter<T>(fn: () => T): T;
  end(): void;
  fail(error: unknown): void;
  /** Nobody reads on. */
  abort(): void;
  /** Ends the step, at the latest, when this object is collected: then nobody can go on with it. */
  holdBy(value: unknown): void;
}
