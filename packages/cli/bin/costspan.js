#!/usr/bin/env node
// Checked in, so that a package manager can link the command before the first build.
require('../dist/main.js');
