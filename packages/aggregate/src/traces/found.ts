import type { TaskCandidate } from '../records.js';
import type { FeatureSought, Seeker, TaskSought } from './searches.js';

/** What has found its task, or has found its feature or looks for it no more. */
export type Found =
  | { readonly sought: TaskSought; readonly task: TaskCandidate }
  | {
      readonly sought: FeatureSought;
      readonly feature: string | undefined;
      /** Costspan has told the call meanwhile: it does not count. */
      readonly isTold?: boolean;
    };

/** What a search that is over has found; undefined when that is no task. */
export function readFound({ sought, best, feature }: Seeker): Found | undefined {
  if ('featureless' in sought) return { sought, feature };
  return best === undefined ? undefined : { sought, task: best };
}

/** Whether a task suits better than the best so far: of a call by its rank, of a task inside it as one that may hold it. */
export function isBetter(task: TaskCandidate, { sought, best }: Seeker): boolean {
  if (!('nestedId' in sought)) return best === undefined || task.rank < best.rank;
  const isNamed = task.record === undefined;
  return task.id !== sought.nestedId && (isNamed || task.nested !== undefined);
}

export const isFinal = ({ sought, best }: Seeker): boolean =>
  best !== undefined && (best.isFinal || 'nestedId' in sought);
