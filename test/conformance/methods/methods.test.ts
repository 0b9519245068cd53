/**
 * Every SDK whose endpoints are methods × CommonJS and ESM: the application sees the same with the preload as without
 * it, byte for byte, and its calls are recorded as the stand-in has answered them. One process per SDK and format.
 */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, runProgram } from '../app-run.ts';
import { inFixedOrder } from '../expected.ts';
import { OTHER_NODES } from '../nodes.ts';
import { findFaults } from '../semconv.ts';
import { expectSpans, isAbsent, spansOf, summarize } from './expected.ts';
import { FAMILIES } from './families.ts';
import type { Family, FamilyVersion } from './family.ts';
import { MethodMatrix } from './matrix.ts';
import { createScript } from './replies.ts';

const require = createRequire(import.meta.url);
const { scenariosOf } = require('./app/scenarios.cjs') as {
  scenariosOf: (endpoint: object) => Record<string, unknown>;
};

interface Scenario {
  readonly endpoint: string;
  readonly scenario: string;
  readonly name: string;
}

const listScenarios = ({ name: family }: Family): Scenario[] => {
  const { endpoints } = require(`./app/${family}.cjs`) as { endpoints: Record<string, object> };
  return Object.entries(endpoints).flatMap(([endpoint, value]) =>
    Object.keys(scenariosOf(value)).map((scenario) => ({
      endpoint,
      scenario,
      name: `${endpoint}/${scenario}`,
    })),
  );
};

/** A line of ours, with the hint that Node puts behind a process's first warning. */
const OWN_WARNING = /\(node:PID\) \[(COSTSPAN_\w+)\].*\n(?:\(Use `node .*\n)?/g;

/** The warnings that the endpoints of this version owe. */
const listWarnings = ({ endpoints }: Family, { transcript }: AppRun): string[] =>
  Object.entries(endpoints).flatMap(([endpoint, { warns }]) => {
    const lines = [...transcript].flatMap(([name, line]) => (name.startsWith(`${endpoint}/`) ? [line] : []));
    return warns !== undefined && !lines.some(isAbsent) ? [warns] : [];
  });

interface Place {
  readonly family: Family;
  readonly alias: string;
  readonly format: 'cjs' | 'esm';
  readonly hasPreload: boolean;
  readonly node?: string;
  readonly only?: readonly string[];
}

const runFamily = ({ family, alias, format, ...options }: Place): Promise<AppRun> =>
  runProgram(`../methods/app/entry.${format === 'cjs' ? 'cjs' : 'mjs'}`, [alias, family.name], {
    ...options,
    script: createScript(family),
  });

/** Whether what is aborted while it waits had left by then is the clock's affair. */
const countRequests = ({ requests }: AppRun): number =>
  requests.filter(({ path }) => !path.includes('abort-waiting')).length;

const ON_EVERY_NODE = /^(?:plain|stream-whole|stream-from-web|downloaded-otherwise)$/;

const matrix = new MethodMatrix();
afterAll(() => matrix.write());

describe.each(FAMILIES)('$package', (family) => {
  const scenarios = listScenarios(family);

  function prove(
    { endpoint, scenario, name }: Scenario,
    version: FamilyVersion,
    { bare, recorded }: { bare: AppRun; recorded: AppRun },
  ): void {
    const line = bare.transcript.get(name);
    if (line === undefined) throw new Error(`${name} did not run: ${bare.stderr}`);
    expect(recorded.transcript.get(name)).toBe(line);
    const spans = spansOf(recorded.spans, name);
    const plan = family.endpoints[endpoint]!;
    const expected = expectSpans({ family, version, endpoint, scenario, line });
    expect(inFixedOrder(spans.map((span) => summarize(span, plan)))).toEqual(inFixedOrder(expected));
    expect(spans.flatMap(findFaults)).toEqual([]);
  }

  describe.each(family.versions)('$version', (familyVersion) => {
    const { alias, version, formats } = familyVersion;
    describe.each(formats ?? (['cjs', 'esm'] as const))('%s', (format) => {
      let bare: AppRun;
      let recorded: AppRun;
      beforeAll(async () => {
        [bare, recorded] = await Promise.all([
          runFamily({ family, alias, format, hasPreload: false }),
          runFamily({ family, alias, format, hasPreload: true }),
        ]);
      });

      it.each(scenarios)('$name', (at) => {
        const cell = { family, version, format, endpoint: at.endpoint, node: process.versions.node };
        if (isAbsent(bare.transcript.get(at.name) ?? '')) matrix.markAbsent(cell);
        matrix.prove(cell, () => prove(at, familyVersion, { bare, recorded }));
      });

      it('ends as it would without costspan, with the same standard error but for what the operator must know', () => {
        const end = ({ exitCode, stderr, transcript }: AppRun) => ({
          exitCode,
          stderr: stderr.replace(OWN_WARNING, ''),
          lines: [...transcript.keys()],
        });
        expect(end(recorded)).toEqual(end(bare));
        expect(recorded.exitCode).toBe(0);
        const told = [...recorded.stderr.matchAll(OWN_WARNING)].map(([, code]) => code);
        expect(told).toEqual(listWarnings(family, bare));
      });

      it('a stream that is aborted and not read on ends then, whoever keeps it', () => {
        const { spans } = recorded;
        // After the last one there is nothing to begin.
        const aborted = scenarios.slice(0, -1).filter(({ scenario }) => scenario.includes('-aborted-'));
        const isOver = (endMs: number): boolean => spans.some(({ startMs }) => startMs >= endMs);
        const late = aborted.filter(({ name }) => !spansOf(spans, name).every(({ endMs }) => isOver(endMs)));
        expect(late.map(({ name }) => name)).toEqual([]);
      });

      it('records nothing that no scenario accounts for', () => {
        const accounted = new Set(scenarios.flatMap(({ name }) => spansOf(recorded.spans, name)));
        expect(recorded.spans.filter((span) => !accounted.has(span)).map(({ name }) => name)).toEqual([]);
      });

      it('sends nothing of ours to the provider', () => {
        const sent = recorded.requests
          .map(({ headers }) => headers.baggage)
          .filter((value) => value !== undefined);
        expect(sent).toEqual([]);
        expect(countRequests(recorded)).toBe(countRequests(bare));
      });

      // The newest version stands for its major: a call, a stream and what Node itself reads of each endpoint.
      const otherNodes = version === family.versions.at(-1)?.version ? OTHER_NODES : [];
      it.each(otherNodes)('Node $version', async (other) => {
        const wanted = scenarios.filter(({ scenario }) => ON_EVERY_NODE.test(scenario));
        const only = wanted.map(({ name }) => name);
        const onNode = await runFamily({
          family,
          alias,
          format,
          hasPreload: true,
          only,
          node: other.program,
        });
        for (const at of wanted) {
          const cell = { family, version, format, endpoint: at.endpoint, node: other.version };
          matrix.prove(cell, () => prove(at, familyVersion, { bare, recorded: onNode }));
        }
      });
    });
  });
});
