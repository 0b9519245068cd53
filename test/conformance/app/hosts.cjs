'use strict';
// Hosts of providers are the real ones; their names lead to the stand-in.

const dns = require('node:dns');

const { lookup } = dns;
dns.lookup = (_name, options, done) =>
  lookup(
    '127.0.0.1',
    typeof options === 'function' ? {} : options,
    typeof options === 'function' ? options : done,
  );

exports.port = new URL(process.env.CONFORMANCE_ORIGIN).port;
