import { defineConfig } from 'vitest/config';
import { PATIENCE_MS, TEST_LIMIT_MS } from '../packages/testkit/dist/patience.js';
import { packAll } from './pack.mjs';

// Who runs the compiler and then the tests does not test what was packed before.
packAll();

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/packed/**'],
    // Most suites drive real child processes and servers; two cores, so few at a time.
    testTimeout: TEST_LIMIT_MS,
    hookTimeout: TEST_LIMIT_MS,
    expect: { poll: { timeout: PATIENCE_MS, interval: 100 } },
    maxWorkers: 2,
    // On a machine of others one may hang for a moment; test-report.mjs names what needed it.
    retry: process.env.CI === 'true' ? 1 : 0,
    passWithNoTests: false,
  },
});
