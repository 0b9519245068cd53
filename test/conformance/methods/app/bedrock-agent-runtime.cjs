'use strict';

module.exports = require('./bedrock-agents.cjs').runtime;
