'use strict';
// What an application does with together-ai.

const { describeSdk } = require('./compatible.cjs');

module.exports = describeSdk({
  className: 'Together',
  endpoints: [
    'chat.completions',
    'completions',
    'embeddings',
    'images.generate',
    'audio.transcriptions',
    'audio.translations',
    'audio.speech',
    'batches',
  ],
  path: '/v1',
});
