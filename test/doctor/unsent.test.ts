/** What `costspan doctor` says where no span can arrive. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { run } from '@costspan/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { REGISTER, Stage } from '../preload/preload.ts';

const bin = join(dirname(createRequire(import.meta.url).resolve('costspan/package.json')), 'bin/costspan.js');
const call = join(import.meta.dirname, 'fixtures', 'call.cjs');

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterEach(() => stage.sink.setMode('ok'));
afterAll(() => stage.close());

/** What the doctor says of a subject: its line and the one below it, and how it ended. */
async function examine(subject: string, env: NodeJS.ProcessEnv, command: readonly string[] = []) {
  const { stdout, exitCode } = await run(process.execPath, [bin, 'doctor', ...command], {
    cwd: import.meta.dirname,
    env: { ...stage.environment(), ...env },
  });
  const [, text, fix] = new RegExp(`^\\S+ +${subject} +(.*)(?:\\n +fix: (.*))?`, 'm').exec(stdout) ?? [];
  return { text, fix, exitCode };
}

it('a receiver that takes connections and says nothing is waited for, and named', async () => {
  stage.sink.setMode('hang');
  expect(
    await examine('exporter', { OTEL_EXPORTER_OTLP_TIMEOUT: '1000', COSTSPAN_EXIT_WAIT_MS: '500' }),
  ).toEqual({
    text: `${stage.sink.endpoint}/v1/traces: no answer within 1000 ms`,
    fix: expect.stringMatching(/^look at the log of the receiver/),
    exitCode: 1,
  });
});

it('an address that is none is said to be none', async () => {
  expect(await examine('exporter', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' })).toEqual({
    text: 'collector: Invalid URL',
    fix: 'write an address of http or https in OTEL_EXPORTER_OTLP_ENDPOINT: http://localhost:4318',
    exitCode: 1,
  });
});

it.each([
  ['OTEL_SDK_DISABLED', 'true', 'unset OTEL_SDK_DISABLED'],
  ['OTEL_TRACES_EXPORTER', 'none', 'unset OTEL_TRACES_EXPORTER, or name otlp in it'],
  ['OTEL_TRACES_EXPORTER', 'console', 'unset OTEL_TRACES_EXPORTER, or name otlp in it'],
])(
  '%s=%s keeps every span from a receiver, unless the process has metrics of its own',
  async (name, value, fix) => {
    const text = `${name}=${value}: no span is sent to a receiver`;
    expect(
      await examine('exporter', { [name]: value }, ['--', process.execPath, '--require', REGISTER, call]),
    ).toEqual({
      text,
      fix: `${fix}; or set COSTSPAN_METRICS_PORT`,
      exitCode: 1,
    });
    expect(await examine('exporter', { [name]: value, COSTSPAN_METRICS_PORT: '9465' })).toEqual({
      text: `${text}; COSTSPAN_METRICS_PORT=9465 has the sums`,
      exitCode: 0,
    });
  },
);

it('a costspan that is switched off is not said to be missing from the command', async () => {
  const command = ['--', process.execPath, '--require', REGISTER, call];
  expect(await examine('preload', { COSTSPAN_ENABLED: 'false' }, command)).toEqual({
    text: 'COSTSPAN_ENABLED=false switches costspan off',
    fix: 'unset COSTSPAN_ENABLED',
    exitCode: 1,
  });
});
