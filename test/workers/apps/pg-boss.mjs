// A queue of pg-boss: a job that is done, and one that is done at the second attempt.
export async function run({ name, url, load, ask, see, until }) {
  const loaded = await load(name);
  const PgBoss = loaded.PgBoss ?? loaded.default ?? loaded;
  const boss = new PgBoss({ connectionString: url, max: 1, schedule: false, supervise: false });
  boss.on('error', (error) => see('error', error.message));
  await boss.start();
  await boss.createQueue('tickets');
  async function work([job]) {
    if (job.retryCount === 0) await ask(job.data.kind);
    see(job.data.kind, job.retryCount);
    if (job.data.kind === 'again' && job.retryCount === 0) throw new RangeError('application');
  }
  await boss.work('tickets', { pollingIntervalSeconds: 0.5, includeMetadata: true }, work);
  await boss.send('tickets', { kind: 'done' });
  await boss.send('tickets', { kind: 'again' }, { retryLimit: 1, retryDelay: 0 });
  await until(3);
  await boss.stop({ graceful: true, wait: true, timeout: 5000 });
}
