// What runs a job of Agenda 5, of an agenda without a database: one that is done, one that fails, one that calls back.
export async function run({ name, load, ask, see }) {
  const loaded = await load(`${name}/dist/job/index.js`);
  const { Job } = loaded.default ?? loaded;
  const definitions = {
    welcome: { fn: async () => ask('welcome') },
    digest: {
      fn: async () => {
        await ask('digest');
        throw new RangeError('application');
      },
    },
    'calls-back': { fn: (_job, done) => void ask('calls-back').then(() => done()) },
  };
  const agenda = {
    _definitions: definitions,
    emit: (event, ...rest) => {
      if (event === 'fail' || event === 'success') see(event, rest.at(-1).attrs.name);
    },
    saveJob: async (job) => job,
  };
  for (const job of Object.keys(definitions))
    await new Job({ agenda, name: job, _id: `id-${job}`, nextRunAt: new Date() }).run();
}
