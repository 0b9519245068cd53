// Tasks of Graphile Worker: one that is done, one that fails for good, one that is to be tried again much later.
export async function run({ name, url, load, ask, see }) {
  const { Logger, makeWorkerUtils, runOnce } = await load(name);
  const logger = new Logger(() => () => undefined);
  const options = { connectionString: url, maxPoolSize: 1, concurrency: 1, logger, noHandleSignals: true };
  const digest = async ({ kind }, helpers) => {
    await ask(kind);
    see(kind, helpers.job.task_identifier, digest.length);
    if (kind !== 'done') throw new RangeError('application');
  };
  const utils = await makeWorkerUtils(options);
  await utils.migrate();
  await utils.addJob('digest', { kind: 'done' });
  await utils.addJob('digest', { kind: 'fails' }, { maxAttempts: 1 });
  await utils.addJob('digest', { kind: 'later' }, { maxAttempts: 3 });
  await utils.release();
  await runOnce(options, { digest });
}
