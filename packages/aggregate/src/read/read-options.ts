import type { Pricer } from '@costspan/pricing';
import type { Outcome, OutcomeSource, TaskSource } from '@costspan/semconv';
import type { OutcomeJudge } from './outcome.js';

/** What a rule may look at to decide an outcome. */
export interface OutcomeFacts {
  readonly 'http.status_code'?: number | undefined;
  readonly 'error.type'?: string | undefined;
}

/** What reading needs from outside. */
export interface ReadOptions {
  /** Prices a call that reports usage and no cost. */
  readonly price: Pricer['price'];
  /** The rules of the configuration: what spans show for them rides on the records. */
  readonly judge?: OutcomeJudge;
  /** In place of {@link judge}, an outcome at once, from the task's span alone, where that states none. */
  readonly decideOutcome?: (
    facts: OutcomeFacts,
  ) => { readonly outcome: Outcome; readonly source: OutcomeSource } | undefined;
  /** What the task of a call may be that names none, best first: `tasks.from`. */
  readonly taskSources?: readonly TaskSource[];
  /** Where else than on the span of a call its feature may stand: `features.from`. */
  readonly featureSources?: readonly string[];
  /** Feature of a call that names none. */
  readonly defaultFeature?: string;
  /** Characters of a label value; longer ones are cut. */
  readonly labelChars?: number;
  /** Told of each value that is cut. */
  readonly onLabelCut?: () => void;
  /** Told of each call that says more tokens than one can have: they count as not told. */
  readonly onTokensCut?: () => void;
}
