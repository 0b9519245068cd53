// The door of `npm test`, `npm run demo` and their kin: sets itself up on any machine with Node >= 18 and npm,
// then does the work with the pinned pnpm and the workspace's own Node. Plain JavaScript, no dependency.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');
const isWindows = process.platform === 'win32';
const pinned = `pnpm@${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).config.pnpm}`;

/** Runs one command to its end with the workspace's tools first on PATH; ends this process when it fails. */
function run(command, args, env = {}) {
  const path = `${bin}${delimiter}${process.env.PATH ?? ''}`;
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: isWindows,
    env: { ...process.env, ...env, PATH: path },
  });
  if (result.error !== undefined) {
    console.error(`costspan: cannot run ${command}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const node = (...args) => run(join(bin, 'node'), args);

function install() {
  run('npx', ['--yes', pinned, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=error']);
  if (!existsSync(join(bin, isWindows ? 'node.cmd' : 'node'))) {
    console.error(
      'costspan: the npm package "node" did not install its binary. Fix: rm -r node_modules and run again.',
    );
    process.exit(1);
  }
}

function build() {
  run('tsc', ['-b', '.config/tsconfig.build.json']);
  node(join(root, '.config', 'pack.mjs'));
}

const verbs = {
  build,
  test: () => {
    build();
    node(join(root, '.config', 'test.mjs'), ...process.argv.slice(3));
  },
  demo: () => {
    build();
    node(join(root, 'packages', 'demo', 'dist', 'main.js'), ...process.argv.slice(3));
  },
  fix: () => run('biome', ['check', '--write', '.']),
  generate: () => {
    build();
    node(join(root, '.config', 'generate.mjs'), ...process.argv.slice(3));
  },
  bench: () => {
    build();
    node(join(root, 'test', 'bench', 'main.mts'), ...process.argv.slice(3));
  },
};

const verb = verbs[process.argv[2]];
if (verb === undefined) {
  console.error(`usage: node .config/run.mjs ${Object.keys(verbs).join('|')}`);
  process.exit(2);
}
install();
verb();
