// `npm test`: lint, types, generated files, then every test; the last line is the count of all of them.
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { generators, reports } from './generators.mjs';
import { setUpParts } from './parts.mjs';
import { renderFailures, runReported } from './test-report.mjs';

const root = join(import.meta.dirname, '..');
const isCi = process.env.CI === 'true';
const filters = process.argv.slice(2);

/** Runs one check to its end and says whether it passed; who is told to stop leaves it at that. */
async function run(command, args) {
  const { exitCode, isStopped } = await runCommand(command, args, { cwd: root });
  if (isStopped) process.exit(exitCode);
  return exitCode === 0;
}

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
async function check(list) {
  for (const { name, pass } of filters.length > 0 ? [] : list) {
    const passed = await pass();
    results.push({ name, passed });
    console.log(`${passed ? 'ok  ' : 'FAIL'} ${name}`);
  }
}
await check(checks);

const tests = await runReported(() =>
  run('vitest', [
    'run',
    '--config',
    '.config/vitest.config.ts',
    '--reporter=default',
    '--reporter=./.config/test-report.mjs',
    ...filters,
  ]),
);
if (tests.failures.length === 0) await check(reports.map(isCurrent));
else console.log('not compared, since they tell what has passed: the README tables');
const failures = [
  ...results.flatMap(({ name, passed }) => (passed ? [] : [{ place: name, message: 'see above' }])),
  ...tests.failures,
];
const passed = tests.passed + results.filter(({ passed }) => passed).length;
const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : '';
if (failures.length > 0) console.log(renderFailures(failures));
console.log(`${passed} passed, ${failures.length} failed${skipped}`);
process.exitCode = failures.length > 0 || (isCi && missing.length > 0) ? 1 : 0;
