// The door of `npm test`, `npm run demo` and their kin: sets itself up on any machine with Node >= 18 and npm,
// then does the work with the pinned pnpm and the workspace's own Node. Plain JavaScript, no dependency.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');
const isWindows = process.platform === 'win32';
const pinned = `pnpm@${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).config.pnpm}`;

/** Runs one command to its end with the workspace's tools first on PATH; ends this process when it fails. */
async function run(command, args, env = {}) {
  const path = `${bin}${delimiter}${process.env.PATH ?? ''}`;
  const options = { cwd: root, shell: isWindows, env: { ...process.env, ...env, PATH: path } };
  const { exitCode, isStopped } = await runCommand(command, args, options).catch((error) => {
    console.error(`costspan: cannot run ${command}: ${error.message}`);
    process.exit(1);
  });
  if (isStopped || exitCode !== 0) process.exit(exitCode);
}

const node = (...args) => run(join(bin, 'node'), args);

async function install() {
  await run('npx', [
    '--yes',
    pinned,
    'install',
    '--frozen-lockfile',
    '--reporter=append-only',
    '--loglevel=error',
  ]);
  if (!existsSync(join(bin, isWindows ? 'node.cmd' : 'node'))) {
    console.error(
      'costspan: the npm package "node" did not install its binary. Fix: rm -r node_modules and run again.',
    );
    process.exit(1);
  }
}

async function build() {
  await run('tsc', ['-b', '.config/tsconfig.build.json']);
  await node(join(root, '.config', 'pack.mjs'));
}

const verbs = {
  build,
  test: async () => {
    await build();
    await node(join(root, '.config', 'test.mjs'), ...process.argv.slice(3));
  },
  demo: async () => {
    await build();
    await node(join(root, 'packages', 'demo', 'dist', 'main.js'), ...process.argv.slice(3));
  },
  fix: () => run('biome', ['check', '--write', '.']),
  generate: async () => {
    await build();
    await node(join(root, '.config', 'generate.mjs'), ...process.argv.slice(3));
  },
  bench: async () => {
    await build();
    await node(join(root, 'test', 'bench', 'main.mts'), ...process.argv.slice(3));
  },
};

const verb = verbs[process.argv[2]];
if (verb === undefined) {
  console.error(`usage: node .config/run.mjs ${Object.keys(verbs).join('|')}`);
  process.exit(2);
}
await install();
await verb();
