/** What failed is told without what was being read. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { diag } from '@opentelemetry/api';
import { afterEach, expect, it, vi } from 'vitest';
import { guard } from '../src/diagnostics.ts';

const SAID = 'Mrs Doe is ill';
/** Reads as JSON what a model said: Node's error quotes it. */
const misread = (place: string) => guard(place, () => JSON.parse(SAID));

afterEach(() => {
  diag.disable();
});

it('a text that is no JSON is not quoted in a warning', () => {
  const compiled = join(import.meta.dirname, '../dist/diagnostics.js');
  const script = `require(${JSON.stringify(compiled)}).guard('reading', () => JSON.parse(${JSON.stringify(SAID)}))`;
  const env = { ...process.env, OTEL_LOG_LEVEL: 'debug' };
  const { status, stderr } = spawnSync(process.execPath, ['--eval', script], { env, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, expect.stringContaining('reading failed: SyntaxError')]);
  expect(stderr).not.toContain(SAID.slice(0, 4));
});

it('nor to the logger of OpenTelemetry, which gets other errors whole', () => {
  const warn = vi.fn<(message: string, error: unknown) => void>();
  diag.setLogger(
    { error() {}, warn, info() {}, debug() {}, verbose() {} },
    { suppressOverrideMessage: true },
  );
  misread('reading for the logger');
  const other = new RangeError('the queue is full');
  guard('queueing', () => {
    throw other;
  });
  const [misreadError, otherError] = warn.mock.calls.map(([, error]) => error);
  expect(misreadError).toBeInstanceOf(SyntaxError);
  const { message, stack = '' } = misreadError as SyntaxError;
  expect(`${message} ${stack}`).not.toContain(SAID.slice(0, 4));
  expect(otherError).toBe(other);
});
