'use strict';
// What an application does with @perplexity-ai/perplexity_ai.

const { describeSdk } = require('./compatible.cjs');

module.exports = describeSdk({ className: 'Perplexity', endpoints: ['chat.completions', 'embeddings'] });
