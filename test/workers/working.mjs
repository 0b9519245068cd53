// One application on a library that runs its functions for messages, jobs or schedules: which one, by `import` or `require`.
import { createRequire } from 'node:module';
import OpenAI from 'openai';

const [app, name, format] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const client = new OpenAI();

const ask = async (text) => {
  await client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: text }] });
};

/** Until the application has seen so many ends of jobs; what they were is told in an order of their own. */
const seen = [];
let onSeen = () => {};
const see = (...what) => {
  seen.push(what.join(' '));
  onSeen();
};
const until = (count) =>
  new Promise((resolve) => {
    onSeen = () => {
      if (seen.length >= count) resolve();
    };
    onSeen();
  });

const { run } = await import(`./apps/${app}.mjs`);
await run({
  name,
  url: process.env.BROKER_URL,
  load: async (path) => (format === 'require' ? require(path) : import(path)),
  ask,
  see,
  until,
});
for (const line of seen.sort()) console.log(line);
