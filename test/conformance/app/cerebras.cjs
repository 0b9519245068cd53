'use strict';
// What an application does with @cerebras/cerebras_cloud_sdk.

const { describeSdk } = require('./compatible.cjs');

module.exports = describeSdk({
  className: 'Cerebras',
  endpoints: ['chat.completions', 'completions'],
  // Its constructor sends a request of its own.
  options: { warmTCPConnection: false },
});
