'use strict';
// Runs the scenarios of one SDK, one after the other, and prints what the application saw: one JSON line each.

const { withFeature } = require('@costspan/api');
const { describe, settle, sleep } = require('../../app/observe.cjs');
const { scenariosOf } = require('./scenarios.cjs');

/** Names asked for in the environment, `endpoint/scenario`, comma-separated; all where it is silent. */
const readWanted = (text) => (text ? new Set(text.split(',')) : undefined);

async function main({ sdk, family }) {
  const origin = process.env.CONFORMANCE_ORIGIN;
  const wanted = readWanted(process.env.CONFORMANCE_ONLY);
  const { createClient, endpoints } = require(`./${family}.cjs`);
  const rejections = [];
  process.on('unhandledRejection', (reason) => rejections.push(describe(reason)));
  const untilRejected = async () => {
    for (let waitedMs = 0; rejections.length === 0 && waitedMs < 3_000; waitedMs += 20) await sleep(20);
    await sleep(20);
  };
  for (const [name, endpoint] of Object.entries(endpoints)) {
    for (const [scenario, act] of Object.entries(scenariosOf(endpoint))) {
      const feature = `${name}/${scenario}`;
      if (wanted !== undefined && !wanted.has(feature)) continue;
      // The stand-in knows the scenario by the path: not every SDK lets an application set headers.
      const baseUrl = `${origin}/at/${feature}`;
      const client = createClient(sdk, baseUrl);
      const t = {
        sdk,
        client,
        baseUrl,
        untilRejected,
        call: (options = {}) => endpoint.call(client, options, sdk),
        stream: (options = {}) => endpoint.stream(client, options, sdk),
        abort: endpoint.abort,
      };
      let observed;
      try {
        // The feature is what tells the spans of one scenario from those of another.
        observed = await withFeature(feature, () => act(t));
      } catch (error) {
        // A method that this version does not have reads so as well; the run without costspan says the same.
        observed = { threw: describe(error) };
      }
      // Rejections are reported once the microtasks are done.
      await sleep(2);
      const line = { scenario: feature, observed, rejections: rejections.splice(0) };
      process.stdout.write(`${settle(JSON.stringify(line))}\n`);
    }
  }
  // Time for what is sent in the background; clients keep their sockets open, so the application ends by itself.
  await sleep(250);
  process.exit(0);
}

module.exports = { main };
