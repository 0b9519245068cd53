'use strict';
// What an application does with together-ai.

const { describeSdk } = require('./compatible.cjs');

module.exports = describeSdk({
  className: 'Together',
  endpoints: ['chat.completions', 'completions', 'embeddings'],
  path: '/v1',
});
