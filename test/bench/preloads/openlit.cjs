const openlit = require('openlit');

// As lean as it can be set: traces alone, no message content, prices given instead of fetched.
openlit.default.init({
  applicationName: 'bench',
  captureMessageContent: false,
  disableMetrics: true,
  disableEvents: true,
  pricingJson: { chat: { 'gpt-5-mini': { promptPrice: 0.00025, completionPrice: 0.002 } } },
});
