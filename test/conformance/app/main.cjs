'use strict';
// Runs the scenarios of one SDK, one after the other, and prints what the application saw: one JSON line each.

const { describe, sleep, settle } = require('./observe.cjs');

/** A port that refuses: nothing listens on it. */
const REFUSED_ORIGIN = 'http://127.0.0.1:1';

function createScenario({ sdk, parts, endpoint, scenario, origin, rejections }) {
  const { creators, createClient, baseUrlOf } = parts;
  const name = `${endpoint}/${scenario}`;
  const options = (at) => ({
    apiKey: 'canary-key',
    baseURL: baseUrlOf(at),
    maxRetries: 0,
    // Keep the SDKs' own log lines about failures out of standard error.
    logLevel: 'off',
    defaultHeaders: { 'x-scenario': name },
  });
  // A host that refuses a field must be a host of its own: costspan remembers it.
  const clientOptions = options(scenario === 'stream-usage-refused' ? `${origin}/refusing` : origin);
  const t = { sdk, name, origin, clientOptions, client: createClient(sdk, clientOptions) };
  t.untilRejected = async () => {
    for (let waitedMs = 0; rejections.length === 0 && waitedMs < 3_000; waitedMs += 20) await sleep(20);
    await sleep(20);
  };
  t.create = (extra = {}, requestOptions = {}, { isRefused = false } = {}) =>
    creators[endpoint](
      isRefused ? { ...t, client: createClient(sdk, options(REFUSED_ORIGIN)) } : t,
      extra,
      Object.keys(requestOptions).length === 0 ? undefined : requestOptions,
    );
  return t;
}

/** Names asked for in the environment, `endpoint/scenario`, comma-separated; all where it is silent. */
const readWanted = (text) => (text ? new Set(text.split(',')) : undefined);

async function main({
  sdk,
  family,
  origin = process.env.CONFORMANCE_ORIGIN,
  only = process.env.CONFORMANCE_ONLY,
}) {
  const rejections = [];
  process.on('unhandledRejection', (reason) => rejections.push(describe(reason)));
  const wanted = readWanted(only);
  const parts = require(`./${family}.cjs`);
  for (const [endpoint, scenarios] of Object.entries(parts.groups)) {
    for (const [scenario, act] of Object.entries(scenarios)) {
      const name = `${endpoint}/${scenario}`;
      if (wanted !== undefined && !wanted.has(name)) continue;
      let observed;
      try {
        observed = await act(createScenario({ sdk, parts, endpoint, scenario, origin, rejections }));
      } catch (error) {
        // A helper that this major does not have reads so as well; the run without costspan says the same.
        observed = { threw: describe(error) };
      }
      // Rejections are reported once the microtasks are done.
      await sleep(2);
      const line = { scenario: name, observed, rejections: rejections.splice(0) };
      process.stdout.write(`${settle(JSON.stringify(line))}\n`);
    }
  }
  // Time for what is sent in the background; clients keep their sockets open, so the application ends by itself.
  await sleep(250);
  if (process.env.CONFORMANCE_END !== 'natural') process.exit(0);
}

module.exports = { main };
