/** What a gate admits has been tried: its oldest version is in the conformance run, and every version there is admitted. */
import { checkModule, SUPPORTED_SDKS } from '@costspan/instrumentation/inspect';
import { describe, expect, it } from 'vitest';
import { SDKS } from '../conformance/matrix.ts';
import { FAMILIES } from '../conformance/methods/families.ts';

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
