// A queue of BullMQ whose processor is a file, run in a process of its own and then in a thread.
import { fileURLToPath } from 'node:url';

const processor = fileURLToPath(new URL('bullmq-processor.cjs', import.meta.url));

export async function run({ name, url, load, see, until }) {
  const { Queue, Worker } = await load(name);
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port) };
  const queue = new Queue('boxed', { connection });
  let count = 0;
  for (const useWorkerThreads of [false, true]) {
    const worker = new Worker('boxed', processor, { connection, useWorkerThreads });
    worker.on('completed', (job, result) => see('completed', job.name, result));
    worker.on('failed', (job, error) => see('failed', job.name, error.message));
    await queue.add(useWorkerThreads ? 'thread' : 'process', {});
    count += 1;
    await until(count);
    await worker.close();
  }
  await queue.close();
}
