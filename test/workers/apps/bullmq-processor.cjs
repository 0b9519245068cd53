// What BullMQ runs in a process or a thread of its own. It ends without a word: what it has recorded is sent before.
const { forceFlush } = require('@costspan/api');
const OpenAI = require('openai');

const client = new OpenAI();

module.exports = async ({ name }) => {
  await client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: name }] });
  setImmediate(forceFlush);
  return name;
};
