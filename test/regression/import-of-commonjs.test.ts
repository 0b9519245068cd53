import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, fixture, NODE_NAMES, REGISTER, Stage } from '../preload/preload.ts';

/**
 * Up to Node 22.22.2 and 24.11.0, any `load` hook breaks ES modules that import CommonJS packages such as Express
 * ("request for './index.js' is not in cache"), and on 22.15 those under an asynchronous loader.
 */
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.close());

describe.each(NODE_NAMES)('Node %s: an ES module imports CommonJS packages around an SDK', (node) => {
  it.each([
    ['alone', ['--require', REGISTER]],
    [
      'under an asynchronous loader',
      ['--no-deprecation', '--require', REGISTER, '--import', fixture('register-hooks.mjs')],
    ],
  ])('%s', async (_how, flags) => {
    const result = await stage.run({ node, flags, app: [fixture('imports-commonjs.mjs')] });
    expect(endOf(result)).toEqual({
      exitCode: 0,
      signal: undefined,
      stdout: 'function function function\n',
      stderr: '',
      isTimedOut: false,
    });
  });
});
