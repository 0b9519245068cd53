import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError, EXIT, type Verb } from '../verb.js';

const help = `usage: costspan demo [arguments of the demo]

Runs the demo: a shop-support service on the real SDKs, its processor and its cost per successful task. It is part of
the repository, not of the published package.
`;

/** `costspan demo` */
export const demo: Verb = {
  help,
  async run(argv) {
    const main = findDemo();
    const child = spawn(process.execPath, [main, ...argv], { stdio: 'inherit' });
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    process.on('SIGTERM', forward);
    process.on('SIGINT', forward);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code) => {
        process.off('SIGTERM', forward);
        process.off('SIGINT', forward);
        resolve(code ?? EXIT.FAILED);
      });
    });
  },
};

/** The built demo of this checkout. It is private, so beside a published `costspan` there is none. */
function findDemo(): string {
  let folder: string;
  try {
    folder = dirname(require.resolve('@costspan/demo/package.json'));
  } catch {
    throw new CliError('the demo is not part of the published package', {
      fix: 'clone the repository of costspan and run: npm run demo',
    });
  }
  const main = join(folder, 'dist', 'main.js');
  if (existsSync(main)) return main;
  throw new CliError('the demo has not been built', { fix: 'in the checkout, run: npm run demo' });
}
