import type { Worker } from './worker.js';

interface PgBossJob {
  readonly id: unknown;
  /** These two are there with `includeMetadata` alone. */
  readonly retryCount?: number;
  readonly retryLimit?: number;
}

/** pg-boss 9 and on. Its handler gets one job or a list of them, mostly of one. */
export const pgBoss: Worker = {
  module: { package: 'pg-boss', files: ['src/manager', 'dist/manager'], exportName: 'Manager' },
  method: 'work',
  exchange({ args: [queue, ...rest] }, observe) {
    return [
      queue,
      ...rest.map((argument) =>
        observe(argument, ({ args: [jobs] }) => {
          const [job, ...others] = [jobs].flat() as PgBossJob[];
          const isOne = job !== undefined && others.length === 0;
          return {
            kind: 'messaging',
            name: String(queue),
            key: isOne ? [queue, job.id] : undefined,
            willRetry: () => isOne && (job.retryCount ?? 0) < (job.retryLimit ?? 0),
          };
        }),
      ),
    ];
  },
};
