// A queue of Bull with a handler for jobs without a name, one that calls back, and one whose job is done at the second attempt.
export async function run({ name, url, load, ask, see, until }) {
  const loaded = await load(name);
  const Queue = loaded.default ?? loaded;
  const queue = new Queue('reports', url);
  queue.process(() => ask('plain'));
  queue.process('calls-back', (_job, done) => {
    ask('calls back').then(() => done(new RangeError('application')), done);
  });
  queue.process('again', async (job) => {
    await ask('again');
    if (job.attemptsMade === 0) throw new TypeError('application');
  });
  queue.on('completed', (job) => see('completed', job.name));
  queue.on('failed', (job, error) => see('failed', job.name, error.name, error.message));
  await queue.add({});
  await queue.add('calls-back', {});
  await queue.add('again', {}, { attempts: 2 });
  await until(4);
  await queue.close();
}
