import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const modules = {
  api: require.resolve('@costspan/api'),
  config: require.resolve('@costspan/config'),
  attribution: require.resolve('../../dist/attribution/index.js'),
};

/** Runs an application in a process of its own, with attribution started, and tells what became of it. */
async function runApplication(code: string): Promise<string> {
  const script = `
    const { startAttribution } = require(${JSON.stringify(modules.attribution)});
    const { DEFAULT_CONFIG } = require(${JSON.stringify(modules.config)});
    const { withTask, withFeature } = require(${JSON.stringify(modules.api)});
    const span = { spanContext: () => ({}), setAttributes() {}, end() {} };
    startAttribution({
      recorder: { startTask: () => span }, config: DEFAULT_CONFIG, env: {},
      loadOtel: () => { throw new Error('loaded') }, onError: (error) => console.log('ours', error),
    });
    process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
    ${code}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
  return stdout.trim();
}

test.each([
  ['nobody handles is told once', `withTask('a', async () => { throw new Error('x') })`, 'unhandled x'],
  [
    'is handled by the application is told nowhere',
    `withTask('a', async () => { throw new Error('x') }).catch(() => {})`,
    '',
  ],
  [
    'nobody handles in a scope is told once',
    `withFeature('a', async () => { throw new Error('x') })`,
    'unhandled x',
  ],
  [
    'comes from a generator and is handled is told nowhere',
    `withTask('a', async function* () { throw new Error('x') }).next().catch(() => {})`,
    '',
  ],
])('a rejection that %s', async (_name, code, output) => {
  expect(await runApplication(code)).toBe(output);
});
