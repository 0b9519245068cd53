// `npm test`: lint, types, generated files, then every test; the last line is the count of all of them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generators, reports } from './generators.mjs';
import { setUpParts } from './parts.mjs';

const root = join(import.meta.dirname, '..');
const report = join(root, '.cache', 'test-report.json');
const isCi = process.env.CI === 'true';
const filters = process.argv.slice(2);

/** Runs one check to its end; what it prints is shown. */
const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;

const missing = await setUpParts(filters);
if (missing.length > 0) {
  console.log(`costspan: not on this machine: ${missing.join(', ')}.`);
  if (isCi) console.log('costspan: with CI=true a missing part fails the run.');
}

/** A check that generated files are what their program writes. */
const isCurrent = ({ name, file }) => ({
  name: `generated: ${name}`,
  pass: () => run(process.execPath, [join(root, file), '--check']),
});

const checks = [
  { name: 'lint and format', pass: () => run('biome', ['check', '--error-on-warnings', '.']) },
  { name: 'types of tests', pass: () => run('tsc', ['-p', '.config/tsconfig.test.json']) },
  ...generators.map(isCurrent),
];
const results = [];
/** Runs checks, unless only some tests are asked for. */
function check(list) {
  for (const { name, pass } of filters.length > 0 ? [] : list) {
    const passed = pass();
    results.push({ name, passed });
    console.log(`${passed ? 'ok  ' : 'FAIL'} ${name}`);
  }
}
check(checks);

const tested = run('vitest', [
  'run',
  '--config',
  '.config/vitest.config.ts',
  '--reporter=default',
  '--reporter=./.config/second-tries.mjs',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...filters,
]);
check(reports.map(isCurrent));
const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
const passed = numPassedTests + results.filter(({ passed }) => passed).length;
// A suite that could not even be loaded has no failed test of its own.
const failed = Math.max(numFailedTests, tested ? 0 : 1) + results.filter(({ passed }) => !passed).length;
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
console.log(`${passed} passed, ${failed} failed${skipped}`);
process.exitCode = failed > 0 || (isCi && missing.length > 0) ? 1 : 0;
