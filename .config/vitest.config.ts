import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Most suites drive real child processes and servers; two cores, so few at a time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // On a machine of others one may hang for a moment; second-tries.mjs names what needed it.
    retry: process.env.CI === 'true' ? 1 : 0,
    passWithNoTests: false,
  },
});
