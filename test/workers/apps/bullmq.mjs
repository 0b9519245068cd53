// Jobs of several names in one queue of BullMQ: done at once, done at the second attempt, failed for good.
export async function run({ name, url, load, ask, see, until }) {
  const { Queue, Worker, UnrecoverableError } = await load(name);
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port) };
  const queue = new Queue('emails', { connection });
  async function work(job) {
    if (job.name !== 'remind' || job.attemptsMade === 0) await ask(job.name);
    if (job.name === 'remind' && job.attemptsMade === 0) throw new RangeError('application');
    if (job.name === 'broken') throw new UnrecoverableError('application');
    return job.name;
  }
  const worker = new Worker('emails', work, { connection });
  worker.on('completed', (job, result) => see('completed', job.name, result));
  worker.on('failed', (job, error) => see('failed', job.name, error.name, error.message));
  await queue.add('welcome', {}, { jobId: 'alice@example.com' });
  await queue.add('remind', {}, { attempts: 2 });
  await queue.add('broken', {}, { attempts: 2 });
  await until(4);
  await worker.close();
  await queue.close();
}
