/**
 * What a gate admits has been tried: its oldest version is in the conformance run, or in that of the frameworks, and
 * every version there is admitted. What it does not admit is told.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkModule, SUPPORTED_FRAMEWORKS, SUPPORTED_SDKS } from '@costspan/instrumentation/inspect';
import { run } from '@costspan/testkit';
import { describe, expect, it } from 'vitest';
import { SDKS } from '../conformance/matrix.ts';
import { FAMILIES } from '../conformance/methods/families.ts';
import { appOf, OLDER_SETS, readVersions } from '../frameworks/sets.ts';
import { OLDER_TREES, TREES } from '../frameworks/trees.ts';
import { REGISTER_PATH } from '../preload/preload.ts';

const TESTED = [
  ...SDKS.map((sdk) => ({ package: sdk.package, version: sdk.version })),
  ...FAMILIES.flatMap((family) =>
    family.versions.map(({ version }) => ({ package: family.package, version })),
  ),
];
const versionsOf = (name: string): string[] =>
  TESTED.filter((sdk) => sdk.package === name).map(({ version }) => version);

/** Packages of models for the AI SDK have a run of their own, in `test/frameworks`, and no bound below. */
const gates = SUPPORTED_SDKS.filter(({ package: name }) => !/^@ai-sdk\/|\/ai-sdk-provider$/.test(name));

const numbers = (version: string): number[] => version.split('.').map(Number);
const compare = (a: string, b: string): number => {
  const [left, right] = [numbers(a), numbers(b)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? 0 : left[at]! - right[at]!;
};

describe.each([...new Map(gates.map((gate) => [gate.package, gate.versions.from]))])('%s', (name, from) => {
  it('admits what has been tried, from its oldest version on', () => {
    const tested = versionsOf(name).sort(compare);
    expect(tested[0]).toBe(from);
    expect(tested.map((version) => checkModule(name, version))).toEqual(tested.map(() => undefined));
  });
});

/** Versions of a framework that an application of `test/frameworks` runs with, in any set. */
const frameworkVersions = (name: string): string[] =>
  [undefined, ...OLDER_SETS].flatMap((set) => {
    // The Claude Agent SDK has a test of its own, for the oldest and the newest.
    const apps = [...Object.keys((set === undefined ? TREES : OLDER_TREES[set]) ?? {}), 'claude-agent.mjs'];
    const isRun = apps.some((app) => appOf(name).test(app));
    return isRun
      ? readVersions(set)
          .filter(([of]) => of === name)
          .map(([, version]) => version)
      : [];
  });

describe.each(SUPPORTED_FRAMEWORKS.map(({ package: name, versions }) => ({ name, ...versions })))(
  'framework $name',
  ({ name, from, below }) => {
    it('admits what has been tried, from its oldest version to its newest major', () => {
      const tested = frameworkVersions(name).sort(compare);
      expect(tested[0]).toBe(from);
      const nextOf = (version: string, part: 0 | 1): string =>
        numbers(version)
          .map((number, index) => (index === part ? number + 1 : index < part ? number : 0))
          .join('.');
      expect([nextOf(tested.at(-1)!, 0), nextOf(tested.at(-1)!, 1)]).toContain(below);
      expect(tested.map((version) => checkModule(name, version))).toEqual(tested.map(() => undefined));
    });
  },
);

it('no version outside of a gate is silent, wherever its files lie', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-gates-'));
  const versions = new Map(
    [...SUPPORTED_SDKS, ...SUPPORTED_FRAMEWORKS].map((gate) => [gate.package, gate.versions.below] as const),
  );
  try {
    for (const [name, version] of versions) {
      const root = join(folder, 'node_modules', name);
      mkdirSync(join(root, 'lib'), { recursive: true });
      writeFileSync(join(root, 'package.json'), JSON.stringify({ name, version, main: 'lib/main.js' }));
      writeFileSync(join(root, 'lib', 'main.js'), '');
    }
    const app = [...versions.keys()].map((name) => `require(${JSON.stringify(name)});\n`);
    writeFileSync(join(folder, 'app.cjs'), app.join(''));
    const { stderr } = await run(process.execPath, ['--require', REGISTER_PATH, 'app.cjs'], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '' },
    });
    const told = [...stderr.matchAll(/costspan does not record (\S+) (\S+): (.*)/g)];
    expect(new Map(told.map(([, name = '', version = '']) => [name, version]))).toEqual(versions);
    const counted = told.filter(([, , , text = '']) => text.includes('that it makes are counted'));
    expect(counted.map(([, name]) => name).sort()).toEqual(
      SUPPORTED_FRAMEWORKS.filter(({ losesCalls }) => !losesCalls)
        .map(({ package: name }) => name)
        .sort(),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
