import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/**
 * Objects of which many live long enough to be copied: left alone, V8 gives them 128 MB to be born in. Counted is what
 * it had all through fifty looks: pages that a collection is just handing on stand in both spaces for a moment.
 */
const PROGRAM = `
  const { boundHeapGrowth } = require('@costspan/processor');
  const { getHeapSpaceStatistics } = require('node:v8');
  if (process.argv[1] === 'bounded') boundHeapGrowth();
  const kept = [];
  let made = 0;
  let most = 0;
  const sizes = [];
  const work = () => {
    for (let count = 0; count < 2_000; count += 1, made += 1) kept[made % 400_000] = { made, list: [made], text: 'x' + made };
    const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    sizes.unshift(space_size / 1_048_576);
    if (sizes.length > 50) most = Math.max(most, Math.min(...sizes.splice(0, 51)));
    if (made < 2_000_000) setImmediate(work);
    else console.log(most);
  };
  work();
`;
const readNewSpaceMb = (argument: string): number =>
  Number(execFileSync(process.execPath, ['-e', PROGRAM, argument], { cwd: import.meta.dirname }).toString());

it('the space in which objects are born stays small', () => {
  // On a busy machine collections wait for their helpers, and more pages than those stand in both spaces all through.
  const bounded = Math.min(...Array.from({ length: 3 }, () => readNewSpaceMb('bounded')));
  // 16, and a few pages that a collection has not handed on in all fifty looks.
  expect(bounded).toBeLessThanOrEqual(17);
  expect(readNewSpaceMb('as it is')).toBeGreaterThan(bounded);
});

/** A thread as the one that decodes is made, once the space of the first one is as large as it may be. */
const THREAD = `
  const { boundHeapGrowth } = require('@costspan/processor');
  const { getHeapSpaceStatistics } = require('node:v8');
  const { Worker } = require('node:worker_threads');
  const readMb = () =>
    getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 1_048_576;
  const kept = [];
  const make = (count) => {
    for (let made = 0; made < count; made += 1) kept[made % 20_000] = { made, list: [made] };
  };
  boundHeapGrowth();
  const start = () => {
    make(100_000);
    if (readMb() < 16) return setImmediate(start);
    const source = 'const kept = []; const make = ' + make + '; make(2_000_000);' +
      'const { getHeapSpaceStatistics } = require("node:v8"); const readMb = ' + readMb + ';' +
      'require("node:worker_threads").parentPort.postMessage(readMb());';
    new Worker(source, { eval: true, resourceLimits: { maxYoungGenerationSizeMb: 16 } }).on('message', console.log);
  };
  start();
`;

it('that of a thread, where most of what is decoded is born, is not held to what it begins with', () => {
  const threadMb = execFileSync(process.execPath, ['-e', THREAD], { cwd: import.meta.dirname }).toString();
  expect(Number(threadMb)).toBeGreaterThanOrEqual(12);
});
