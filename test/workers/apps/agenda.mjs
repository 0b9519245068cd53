// Jobs of Agenda, kept in memory: one that is done, one that fails and is repeated, one that calls back.
export async function run({ name, load, ask, see, until }) {
  const loaded = await load(name);
  const { Agenda, backoffStrategies } = loaded;
  const agenda = new Agenda({ backend: createBackend(), processEvery: 50, defaultLockLifetime: 6_000 });
  agenda.on('fail', (error) => see('fail', error.message));
  agenda.on('success', (job) => see('success', job.attrs.name));
  agenda.define('welcome', async () => ask('welcome'));
  let attempts = 0;
  agenda.define(
    'digest',
    async () => {
      attempts += 1;
      await ask('digest');
      if (attempts === 1) throw new RangeError('application');
    },
    { backoff: backoffStrategies.constant({ delay: 10, maxRetries: 2 }) },
  );
  agenda.define('calls-back', (_job, done) => {
    void ask('calls-back').then(() => done(new RangeError('calls back')));
  });
  await agenda.start();
  await agenda.now('welcome', {});
  await agenda.now('digest', {});
  await agenda.now('calls-back', {});
  await until(4);
  await agenda.stop();
}

function createBackend() {
  const jobs = new Map();
  const take = (job) => {
    job.lockedAt = new Date();
    return { ...job };
  };
  const repository = {
    connect: async () => undefined,
    queryJobs: async () => ({ jobs: [...jobs.values()], total: jobs.size }),
    getJobById: async (id) => jobs.get(String(id)) ?? null,
    removeJobs: async () => 0,
    async saveJob(job) {
      const id = job._id ?? `job-${jobs.size + 1}`;
      const saved = { ...jobs.get(id), ...job, _id: id };
      jobs.set(id, saved);
      return { ...saved };
    },
    async saveJobState(job) {
      Object.assign(jobs.get(job._id), job);
    },
    lockJob: async (job) => {
      const kept = jobs.get(job._id);
      return kept.lockedAt ? undefined : take(kept);
    },
    unlockJob: async () => undefined,
    unlockJobs: async () => undefined,
    getQueueSize: async () => jobs.size,
    getNextJobToRun: async (name, nextScanAt) => {
      const job = [...jobs.values()].find(
        (kept) => kept.name === name && !kept.lockedAt && kept.nextRunAt && kept.nextRunAt <= nextScanAt,
      );
      return job === undefined ? undefined : take(job);
    },
  };
  return {
    name: 'memory',
    repository,
    ownsConnection: true,
    connect: async () => undefined,
    disconnect: async () => undefined,
  };
}
