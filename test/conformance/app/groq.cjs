'use strict';
// What an application does with groq-sdk.

const { describeSdk } = require('./compatible.cjs');

module.exports = describeSdk({
  className: 'Groq',
  endpoints: [
    'chat.completions',
    'embeddings',
    'audio.transcriptions',
    'audio.translations',
    'audio.speech',
    'batches',
  ],
});
