import { readFileSync } from 'node:fs';
import type { Config } from '@costspan/config';
import { picoUsdToUsdText } from '@costspan/pricing';
import { explainTasks, MalformedError, type OutcomeReason, type TaskExplanation } from '@costspan/processor';
import { CliError, EXIT } from './verb.js';

/** The tasks of a dump of spans, each with its outcome and what decided it, as text. Throws {@link CliError}. */
export function explainDump(file: string, config: Config): string {
  let tasks: readonly TaskExplanation[];
  try {
    tasks = explainTasks(readFileSync(file, 'utf8'), config);
  } catch (error) {
    // Of what reading takes, the system throws errors with a code.
    const isUnreadable = error instanceof Error && 'code' in error;
    if (!isUnreadable && !(error instanceof MalformedError)) throw error;
    throw new CliError(`cannot read ${file}: ${error.message}`, {
      fix: 'name a file of spans as OTLP JSON: what a POST to /v1/traces holds, a list of it, or one a line',
      exitCode: EXIT.FAILED,
    });
  }
  if (tasks.length === 0) return `${file}: no span of a task in it\n`;
  return tasks.map((task) => renderTask(task, config)).join('');
}

function renderTask(task: TaskExplanation, config: Config): string {
  const { taskId, name, feature, outcome, reason, costPicoUsd, subTasksPicoUsd } = task;
  const inside = subTasksPicoUsd === 0n ? '' : `, and ${picoUsdToUsdText(subTasksPicoUsd)} USD in sub-tasks`;
  return `${taskId} (${name}, ${feature}): ${outcome}, ${picoUsdToUsdText(costPicoUsd)} USD${inside}\n${renderReason(reason, config)}`;
}

function renderReason(reason: OutcomeReason, config: Config): string {
  if (reason.kind === 'nothing') return '  nothing decided: unknown at its deadline\n';
  if (reason.kind === 'said') return `  said so: ${reason.source}, which wins over the rules\n`;
  if (reason.kind === 'concluded')
    return `  no rule decided; concluded where it ran, from its ${reason.source}\n`;
  const when = JSON.stringify(config.tasks.outcome[reason.rule]?.when);
  const spans = reason.by.map(({ spanId, name }) => `  by span ${spanId} ${name}\n`).join('');
  return `  tasks.outcome[${reason.rule}] ${when}\n${spans}`;
}
