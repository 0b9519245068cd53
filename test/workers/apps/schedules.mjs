// Functions that run by the clock: with a name, and without one.
const EVERY_SECOND = '* * * * * *';

const START = {
  'node-cron': (cron, options, fn) => {
    const task = (cron.schedule ?? cron.default.schedule)(EVERY_SECOND, fn, { noOverlap: true, ...options });
    return () => task.stop();
  },
  croner: ({ Cron }, options, fn) => {
    const cron = new Cron(EVERY_SECOND, { catch: true, ...options }, fn);
    return () => cron.stop();
  },
  'node-schedule': (schedule, { name }, fn) => {
    const { scheduleJob } = schedule.default ?? schedule;
    const job = name === undefined ? scheduleJob(EVERY_SECOND, fn) : scheduleJob(name, EVERY_SECOND, fn);
    return () => job.cancel();
  },
};

export async function run({ name, load, ask, see, until }) {
  const library = await load(name);
  const stops = [];
  /** Once: how often the clock comes round is no matter of the application's. */
  const once = (kind) => {
    let hasRun = false;
    return async function sweep() {
      if (hasRun) return;
      hasRun = true;
      await ask(kind);
      see(kind);
    };
  };
  stops.push(START[name](library, { name: 'nightly' }, once('named')));
  stops.push(START[name](library, {}, once('unnamed')));
  await until(2);
  for (const stop of stops) stop();
}
