// A queue of Bee-Queue: a job that is done, one that fails, one that is done at the second attempt.
export async function run({ name, url, load, ask, see, until }) {
  const loaded = await load(name);
  const Queue = loaded.default ?? loaded;
  const queue = new Queue('bees', { redis: url });
  let attempts = 0;
  queue.process(async ({ data: { kind } }) => {
    await ask(kind);
    if (kind === 'again') attempts += 1;
    if (kind === 'fails' || (kind === 'again' && attempts === 1)) throw new RangeError('application');
    return kind;
  });
  for (const event of ['succeeded', 'failed', 'retrying']) {
    queue.on(event, (job, result) => see(event, job.data.kind, result.message ?? result));
  }
  await queue.createJob({ kind: 'done' }).save();
  await queue.createJob({ kind: 'fails' }).save();
  await queue.createJob({ kind: 'again' }).retries(1).save();
  // A job that is tried again fails as well, for those who listen for failures.
  await until(5);
  await queue.close();
}
