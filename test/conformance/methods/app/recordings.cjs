'use strict';
// Asks for recorded exchanges again through the real SDK: `node recordings.cjs <package> <family> <file of requests>`.

const { readFileSync } = require('node:fs');
const { withFeature } = require('@costspan/api');
const { sleep } = require('../../app/observe.cjs');

async function main([packageName, family, file]) {
  const sdk = await import(packageName);
  const { replay } = require(`./${family}.cjs`);
  for (const { id, request } of JSON.parse(readFileSync(file, 'utf8'))) {
    await withFeature(id, async () => {
      try {
        const answer = await replay(sdk, `${process.env.CONFORMANCE_ORIGIN}/at/recording/${id}`, request);
        // Whatever it holds that is read piece by piece is read to its end.
        for (const held of [answer, ...Object.values(answer ?? {})]) {
          if (typeof held !== 'object' || held === null || !(Symbol.asyncIterator in held)) continue;
          for await (const _chunk of held);
        }
      } catch (error) {
        process.stderr.write(`${id}: ${error}\n`);
      }
    });
  }
  await sleep(250);
  process.exit(0);
}

main(process.argv.slice(2));
