'use strict';
// What an application does with writer-sdk.

const { describeSdk, question } = require('./compatible.cjs');

module.exports = describeSdk({
  className: 'Writer',
  endpoints: ['chat.completions'],
  own: {
    'chat.completions': (t, extra, options) =>
      t.client.chat.chat({ model: t.name, messages: question, ...extra }, options),
  },
});
