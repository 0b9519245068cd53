'use strict';
// CommonJS application: `node entry.cjs <package> <family>`.

const { main } = require('./main.cjs');

const [, , packageName, family] = process.argv;
main({ sdk: require(packageName), family });
