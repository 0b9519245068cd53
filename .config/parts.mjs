// Real parts that tests drive: taken from PATH; where missing, installed when this is a Debian and we are root.
// The Collector is in no Debian: it is built once from its manifest with Go, or fetched by version and checksum.
import { spawnSync } from 'node:child_process';
import { COLLECTOR_HINT, findCollector, setUpCollector } from '../test/collector-build.ts';

/** Commands, the first that is there being taken, and the Debian package; each of them answers the version question. */
const PARTS = [
  { commands: ['prometheus'], debian: 'prometheus' },
  { commands: ['promtool'], debian: 'prometheus' },
  { commands: ['prometheus-alertmanager', 'alertmanager'], debian: 'prometheus-alertmanager' },
  { commands: ['amtool'], debian: 'prometheus-alertmanager' },
  { commands: ['redis-server'], debian: 'redis-server' },
];

const isThere = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
const isMissing = ({ commands }) => !commands.some(isThere);

/** Tests that need the Collector; a run of others does not wait for its build. */
const COLLECTOR_TESTS = /collector|pipeline|bench/;

/**
 * Returns what is still missing, each with the way to get it; its tests are then skipped with that reason, or fail
 * the run under CI.
 */
export async function setUpParts(filters) {
  installFromDebian();
  const missing = PARTS.filter(isMissing).map(
    ({ commands, debian }) => `${commands[0]} (apt-get install ${debian} on Debian)`,
  );
  const isCollectorWanted = filters.length === 0 || filters.some((filter) => COLLECTOR_TESTS.test(filter));
  if (!isCollectorWanted || findCollector() !== undefined) return missing;
  await setUpCollector();
  return findCollector() === undefined ? [...missing, `the Collector (${COLLECTOR_HINT})`] : missing;
}

function installFromDebian() {
  const packages = [...new Set(PARTS.filter(isMissing).map(({ debian }) => debian))];
  if (packages.length === 0 || !isThere('apt-get') || process.getuid?.() !== 0) return;
  console.log(`costspan: installing ${packages.join(', ')} for the tests`);
  // Only the programs are wanted: a service that starts by itself would outlive the tests. So systemd is not asked for
  // anything, and scripts of System V find a machine that starts none.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1', RUNLEVEL: '1' };
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...packages);
}
