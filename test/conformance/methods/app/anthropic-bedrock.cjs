'use strict';
// See anthropic-clouds.cjs.

module.exports = require('./anthropic-clouds.cjs');
