// A reporter, and what `npm test` makes of it: what has failed is told once more at the end, where a log that is cut
// still shows it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const FILE = join(import.meta.dirname, '..', '.cache', 'test-report.json');
/** All that is told of failures at the end, and of each of them. */
const MAX_TEXT = 3_000;
const MAX_LINE = 300;
const MAX_DIFFERENCES = 8;

const isDifference = (line) => /^\s*[-+](?! (?:Expected|Received))/.test(line);

/** The first line of an error, and what was expected and did not come, as far as it is known. */
function readFailure(place, { message = '', diff = '' }) {
  const [first = ''] = stripVTControlCharacters(message).split('\n');
  const differences = stripVTControlCharacters(diff).split('\n').filter(isDifference);
  return { place, message: first, differences: differences.slice(0, MAX_DIFFERENCES) };
}

function* readFailures(modules, unhandledErrors) {
  for (const module of modules) {
    const { relativeModuleId: file, children } = module;
    // Whoever cannot be loaded, or whose hooks fail, has no failed test.
    for (const error of module.errors()) yield readFailure(file, error);
    for (const suite of children.allSuites())
      for (const error of suite.errors()) yield readFailure(`${file} > ${suite.fullName}`, error);
    for (const test of children.allTests('failed'))
      yield readFailure(`${file} > ${test.fullName}`, test.result().errors[0] ?? {});
  }
  for (const error of unhandledErrors) yield readFailure('outside of any test', error);
}

export default class TestReport {
  #secondTries = [];

  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky)
      this.#secondTries.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd(modules, unhandledErrors) {
    for (const name of this.#secondTries) console.log(`passed only when tried again: ${name}`);
    const count = (state) =>
      modules.reduce((sum, { children }) => sum + [...children.allTests(state)].length, 0);
    const failures = [...readFailures(modules, unhandledErrors)];
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, JSON.stringify({ passed: count('passed'), skipped: count('skipped'), failures }));
  }
}

/** Runs the tests by `run` and gives what the reporter has found; a run that did not come to its end has failed. */
export async function runReported(run) {
  rmSync(FILE, { force: true });
  const hasPassed = await run();
  let report;
  try {
    report = JSON.parse(readFileSync(FILE, 'utf8'));
  } catch {
    report = { passed: 0, skipped: 0, failures: [] };
  }
  if (!hasPassed && report.failures.length === 0)
    report.failures.push({ place: 'vitest', message: 'ended with an error of its own, see above' });
  return report;
}

const cut = (line) => (line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line);

/** One paragraph for each failure, as many as a few screens hold; nothing where there is none. */
export function renderFailures(failures) {
  const paragraphs = failures.map(({ place, message, differences = [] }) =>
    [`failed: ${place}`, `  ${message}`, ...differences.map((line) => `  ${line}`)].map(cut).join('\n'),
  );
  let size = 0;
  const shown = paragraphs.filter((text) => {
    size += text.length + 1;
    return size <= MAX_TEXT;
  });
  const left = failures.length - shown.length;
  return [...shown, ...(left > 0 ? [`and ${left} more, above`] : [])].join('\n');
}
