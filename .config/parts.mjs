// Real parts that tests drive: taken from PATH; where missing, installed when this is a Debian and we are root.
import { spawnSync } from 'node:child_process';

/** Command → Debian package and the version question that every one of them answers. */
const PARTS = [
  { command: 'prometheus', debian: 'prometheus' },
  { command: 'promtool', debian: 'prometheus' },
];

const isThere = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Returns the commands that are still missing; each is then skipped with its reason, or fails the run under CI. */
export function setUpParts() {
  const missing = PARTS.filter(({ command }) => !isThere(command));
  if (missing.length === 0) return [];
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  if (isThere('apt-get') && process.getuid?.() === 0) {
    console.log(`costspan: installing ${packages.join(', ')} for the tests`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // Only the programs are wanted: a service that starts by itself would outlive the tests.
    const apt = (...args) =>
      spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...packages);
  }
  return missing.filter(({ command }) => !isThere(command)).map(({ command }) => command);
}
