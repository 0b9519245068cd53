import type { Budget } from '@costspan/budgets';
import { budgetAlertGroup } from './rules/budget-alerts.js';
import { budgetRecordingGroup } from './rules/budget-recording.js';
import { featureAlertGroup } from './rules/feature-alerts.js';
import { pipelineAlertGroup } from './rules/pipeline-alerts.js';
import type { RuleGroup } from './rules/rule.js';
import { spendAlertGroup } from './rules/spend-alerts.js';
import { spendRecordingGroup } from './rules/spend-recording.js';
import { TASK_WINDOWS, taskRecordingGroup } from './rules/task-recording.js';

/** What the rules are written for; without any of it they hold for every budget that is reported. */
export interface RuleOptions {
  /** Budgets of the config: which there should be, and which are spent in batches. */
  readonly budgets?: readonly Budget[];
  /** Half of the file: for whoever has the alerts elsewhere. */
  readonly only?: RuleKind;
}
/** The halves of the rule file. */
export const RULE_KINDS = ['recording', 'alerts'] as const;
/** One of {@link RULE_KINDS}. */
export type RuleKind = (typeof RULE_KINDS)[number];

/** Every rule group, in the order of the file. */
export function listRuleGroups({ budgets = [], only }: RuleOptions = {}): readonly RuleGroup[] {
  const recording = [
    budgetRecordingGroup(budgets),
    ...TASK_WINDOWS.map(taskRecordingGroup),
    spendRecordingGroup(),
  ];
  const alerts = [budgetAlertGroup(), featureAlertGroup(), spendAlertGroup(), pipelineAlertGroup()];
  return [...(only === 'alerts' ? [] : recording), ...(only === 'recording' ? [] : alerts)];
}
