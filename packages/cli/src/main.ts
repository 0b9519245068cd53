import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { EXIT } from './verb.js';

// `costspan rules | head` closes the pipe while we write: the reader has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.OK);
  process.stderr.write(
    `costspan: standard output takes nothing: ${error.message}\n  fix: make room, or write elsewhere\n`,
  );
  process.exit(EXIT.FAILED);
});
// Nobody is left to be told; the exit code says it.
process.stderr.on('error', () => undefined);

const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
  version: string;
};
const terminal = { stdout: process.stdout, stderr: process.stderr, env: process.env };

// Should everything come to rest before the work is done, that is no success.
process.exitCode = EXIT.FAILED;
runCommand(process.argv.slice(2), terminal, { version }).then((exitCode) => {
  // Not exit(): what was written to a pipe may still be on its way.
  process.exitCode = exitCode;
});
