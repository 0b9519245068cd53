import { endOf } from '../calls/recent-calls.js';
import type { CallRecord, TaskRecord } from '../records.js';

/** What names a task in labels. */
export interface TaskLabels {
  readonly service: string;
  readonly environment: string;
  readonly feature: string;
  readonly name: string;
  readonly userTier: string;
}

/**
 * Where a task's labels come from: its own span before its calls, but a call that names a feature before a span that
 * names none; of two alike the earlier.
 */
export interface LabelSource {
  readonly labels: KeyedLabels;
  readonly isTaskSpan: boolean;
  readonly endMs: number;
}

/** Labels with one text for all of them, which breaks ties: the order of arrival does not matter. */
export interface KeyedLabels extends TaskLabels {
  readonly key: string;
}

/** Label sets that tasks share; all tasks together have few, and one that has many must not fill the memory. */
const MAX_SHARED_LABELS = 10_000;
const shared = new Map<string, KeyedLabels>();

export const pickLabels = ({ service, environment, feature, name, userTier }: TaskLabels): TaskLabels => ({
  service,
  environment,
  feature,
  name,
  userTier,
});

/** The ones that were shared last, by place: most of them are asked for again at once, and then need no key. */
const PLACES = 1_024;
const recent = new Array<KeyedLabels | undefined>(PLACES).fill(undefined);

/** The labels but for the name: a call has them. */
type LabelsWithoutName = Omit<TaskLabels, 'name'>;

function placeOf({ feature, userTier }: LabelsWithoutName, name: string): number {
  let place = Math.imul(endOf(feature), 0x9e3779b1);
  place = Math.imul(place ^ endOf(name), 0x85ebca6b);
  place = Math.imul(place ^ endOf(userTier), 0xc2b2ae35);
  return (place ^ (place >>> 15)) & (PLACES - 1);
}

const isAlike = (a: TaskLabels, b: LabelsWithoutName, name: string): boolean =>
  a.feature === b.feature &&
  a.name === name &&
  a.userTier === b.userTier &&
  a.service === b.service &&
  a.environment === b.environment;

/** One object for all tasks of these labels: hundreds of thousands of tasks are open at a time. */
export function shareLabels(labels: LabelsWithoutName, name: string): KeyedLabels {
  const place = placeOf(labels, name);
  const last = recent[place];
  if (last !== undefined && isAlike(last, labels, name)) return last;
  const own = findLabels(labels, name);
  recent[place] = own;
  return own;
}

function findLabels(
  { service, environment, feature, userTier }: LabelsWithoutName,
  name: string,
): KeyedLabels {
  const key = [service, environment, feature, name, userTier].join('\u0000');
  const known = shared.get(key);
  if (known !== undefined) return known;
  const labels = { service, environment, feature, name, userTier, key };
  if (shared.size >= MAX_SHARED_LABELS) shared.clear();
  shared.set(key, labels);
  return labels;
}

export const labelSourceOfCall = (call: CallRecord, name: string): LabelSource => ({
  labels: shareLabels(call, name),
  endMs: call.endMs,
  isTaskSpan: false,
});

export const labelSourceOfTask = (task: TaskRecord): LabelSource => ({
  labels: shareLabels(task, task.name),
  endMs: task.endMs,
  isTaskSpan: true,
});

/**
 * How much a source tells of a task; the greater wins. `defaultFeature` is that of a call that nothing names; without
 * it, as in what earlier versions kept, a task's own span always tells more than its calls.
 */
export function rankSource(
  { labels, isTaskSpan }: Pick<LabelSource, 'labels' | 'isTaskSpan'>,
  defaultFeature: string | undefined,
): number {
  const isNamed = labels.name !== '' && labels.feature !== defaultFeature;
  const own = isTaskSpan ? 1 : 0;
  return defaultFeature !== undefined && isNamed ? 2 + own : own;
}
