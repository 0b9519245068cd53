import type { Worker } from './worker.js';

/** What a schedule is called: by its own name, by that of its function, else by when it runs. */
const readName = (...names: readonly unknown[]): string | undefined =>
  names.find((name): name is string => typeof name === 'string' && name !== '');

const readFunctionName = (fn: unknown): string | undefined =>
  typeof fn === 'function' ? fn.name : undefined;

interface NodeCronTask {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly cronExpression?: unknown;
  readonly runner?: { onMatch?: unknown };
}

/** node-cron 4. A task without a name is given its id as one. */
export const nodeCron: Worker = {
  module: {
    package: 'node-cron',
    files: ['dist/_shared', 'dist/(?:cjs|esm)/tasks/inline-scheduled-task'],
    exportName: 'InlineScheduledTask',
  },
  method: ['start', 'execute'],
  exchange({ args, instance }, observe) {
    const { id, name, cronExpression, runner } = instance as NodeCronTask;
    const told = readName(name === id ? undefined : name, cronExpression);
    if (runner !== undefined)
      runner.onMatch = observe(runner.onMatch, () =>
        told === undefined ? undefined : { kind: 'job', name: told },
      );
    return args;
  },
};

/** croner 6 and on; with `catch` it takes what is thrown to itself. */
export const croner: Worker = {
  module: { package: 'croner', files: ['dist/croner(?:\\.min)?'], functionNames: ['Cron'] },
  method: '_trigger',
  readJob({ instance }) {
    const cron = instance as { name?: unknown; fn?: unknown; getPattern?: () => unknown };
    const name = readName(cron.name, readFunctionName(cron.fn), cron.getPattern?.());
    return name === undefined ? undefined : { kind: 'job', name };
  },
};

/** What node-schedule calls a job without a name: a number and the time. */
const UNNAMED = '<Anonymous Job';
const SCHEDULED = 'scheduled job';

/** node-schedule 2. */
export const nodeSchedule: Worker = {
  module: { package: 'node-schedule', files: ['lib/Job'], functionNames: ['Job'] },
  method: 'invoke',
  readJob({ instance }) {
    const { name, job } = instance as { name?: unknown; job?: unknown };
    const isNamed = typeof name === 'string' && !name.startsWith(UNNAMED);
    return { kind: 'job', name: readName(isNamed ? name : undefined, readFunctionName(job)) ?? SCHEDULED };
  },
};
