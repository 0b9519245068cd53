'use strict';
// What an application does with sambanova.

const { describeSdk } = require('./compatible.cjs');

module.exports = describeSdk({
  className: 'SambaNova',
  endpoints: ['chat.completions', 'audio.transcriptions', 'audio.translations'],
  path: '/v1',
});
