import { readFileSync } from 'node:fs';
import { CliError, EXIT, type Terminal } from './verb.js';

/** Compares a rule file with what would be written; prints the first line that differs. Returns the exit code. */
export function checkRules(file: string, wanted: string, { stdout, stderr }: Terminal): number {
  const actual = readRules(file);
  if (actual === wanted) {
    stdout.write(`${file}: current\n`);
    return EXIT.OK;
  }
  const actualLines = actual.split('\n');
  const wantedLines = wanted.split('\n');
  const index = wantedLines.findIndex((line, at) => line !== actualLines[at]);
  const line = index === -1 ? wantedLines.length : index;
  stderr.write(
    `${file}:${line + 1} is not current: it has ${JSON.stringify(actualLines[line] ?? '')}, ` +
      `the config gives ${JSON.stringify(wantedLines[line] ?? '')}\n  fix: costspan rules --out ${file}\n`,
  );
  return EXIT.FAILED;
}

function readRules(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`cannot read ${file}: ${reason}`, {
      fix: `costspan rules --out ${file}`,
      exitCode: EXIT.FAILED,
    });
  }
}
