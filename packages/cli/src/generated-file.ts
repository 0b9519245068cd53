import { readFileSync, writeFileSync } from 'node:fs';
import { CliError, EXIT, type Terminal } from './verb.js';

export interface CheckOptions {
  readonly terminal: Terminal;
  /** The command that writes the file anew. */
  readonly fix: string;
}

/** Compares a generated file with what would be written; prints the first line that differs. Returns the exit code. */
export function checkGenerated(file: string, wanted: string, { terminal, fix }: CheckOptions): number {
  const { stdout, stderr } = terminal;
  const actual = readGenerated(file, fix);
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
      `it should have ${JSON.stringify(wantedLines[line] ?? '')}\n  fix: ${fix}\n`,
  );
  return EXIT.FAILED;
}

/** Writes a generated file. Throws {@link CliError}. */
export function writeGenerated(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`cannot write ${file}: ${reason}`, {
      fix: 'name a file in a folder that is there and that this user may write to',
      exitCode: EXIT.FAILED,
    });
  }
}

function readGenerated(file: string, fix: string): string {
  try {
    // Git on Windows may end the lines of a checkout its own way.
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`cannot read ${file}: ${reason}`, { fix, exitCode: EXIT.FAILED });
  }
}
