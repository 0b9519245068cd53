/**
 * Every SDK version × CommonJS and ESM: the application sees the same with the preload as without it, byte for byte,
 * and its calls are recorded as the stand-in's own log has them. Ends by printing the support matrix.
 */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, runApp } from './app-run.ts';
import { expectSpans, inFixedOrder, spansOf, summarize } from './expected.ts';
import { FORMATS, type Format, Matrix, renderMatrix, SDKS, type Sdk, writeMatrix } from './matrix.ts';
import { OTHER_NODES } from './nodes.ts';
import { isAbsent } from './plans.ts';
import { findFaults } from './semconv.ts';

const require = createRequire(import.meta.url);

interface Family {
  readonly groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
const scenariosOf = ({ family }: Sdk): { endpoint: string; scenario: string; name: string }[] => {
  const { groups } = require(`./app/${family}.cjs`) as Family;
  return Object.entries(groups).flatMap(([endpoint, scenarios]) =>
    Object.keys(scenarios).map((scenario) => ({ endpoint, scenario, name: `${endpoint}/${scenario}` })),
  );
};

/** What runs on the other Nodes: one call and one stream of each endpoint family's main road. */
const baseScenarios = ({ family }: Sdk): string[] => {
  const endpoint = family === 'openai' ? 'chat.completions' : 'messages';
  return [`${endpoint}/plain`, `${endpoint}/stream-whole`];
};

const matrix = new Matrix();
afterAll(() => {
  writeMatrix(matrix.cells);
  console.log(`conformance matrix\n${renderMatrix(matrix.cells)}`);
});

interface Pair {
  readonly bare: AppRun;
  readonly recorded: AppRun;
}
async function runBoth(options: {
  sdk: Sdk;
  format: Format;
  node?: string;
  only?: readonly string[];
}): Promise<Pair> {
  const [bare, recorded] = await Promise.all([
    runApp({ ...options, hasPreload: false }),
    runApp({ ...options, hasPreload: true }),
  ]);
  return { bare, recorded };
}

interface Place {
  readonly sdk: Sdk;
  readonly format: Format;
  readonly node: string;
}

/** The whole proof of one scenario: what the application saw, and what was recorded. */
function proveScenario(
  place: Place,
  at: { endpoint: string; scenario: string; name: string },
  { bare, recorded }: Pair,
): void {
  const line = bare.transcript.get(at.name);
  if (line === undefined) throw new Error(`${at.name} did not run: ${bare.stderr}`);
  expect(recorded.transcript.get(at.name)).toBe(line);
  if (place.sdk.readsWhole?.test(at.name)) return;
  const expected = expectSpans({ ...at, sdk: place.sdk, line, log: recorded.log });
  const spans = spansOf(recorded.spans, at);
  const isWrapped = expected.some(({ errorType }) => errorType === 'any');
  const found = spans.map((span) => summarize(span, { isWrapped }));
  expect(inFixedOrder(found)).toEqual(inFixedOrder(expected));
  expect(spans.flatMap(findFaults)).toEqual([]);
}

describe.each(SDKS)('$package $version', (sdk) => {
  describe.each(sdk.formats ?? FORMATS)('%s', (format) => {
    const place = { sdk, format, node: process.versions.node };
    const scenarios = scenariosOf(sdk);
    let pair: Pair;
    beforeAll(async () => {
      pair = await runBoth({ sdk, format });
    });

    it.each(scenarios)('$name', (at) => {
      if (isAbsent(pair.bare.transcript.get(at.name) ?? '') && isWholeEndpointAbsent(at.endpoint)) {
        matrix.markAbsent({ ...place, endpoint: at.endpoint }, 'not in this version');
      }
      matrix.prove({ ...place, endpoint: at.endpoint }, () => proveScenario(place, at, pair));
    });

    function isWholeEndpointAbsent(endpoint: string): boolean {
      return scenarios
        .filter((at) => at.endpoint === endpoint)
        .every(({ name }) => isAbsent(pair.bare.transcript.get(name) ?? ''));
    }

    it('ends as it would without costspan, with the same standard error', () => {
      const end = ({ exitCode, stderr, transcript }: AppRun) => ({
        exitCode,
        stderr,
        lines: [...transcript.keys()],
      });
      expect(end(pair.recorded)).toEqual(end(pair.bare));
      expect(pair.recorded.exitCode).toBe(0);
    });

    it('a stream that is aborted and not read on ends then, whoever keeps it', () => {
      const { spans } = pair.recorded;
      const aborted = scenarios.filter(({ scenario }) => scenario.includes('-aborted-'));
      const isOver = (endMs: number): boolean => spans.some(({ startMs }) => startMs >= endMs);
      const late = aborted.filter((at) => !spansOf(spans, at).every(({ endMs }) => isOver(endMs)));
      expect(late.map(({ name }) => name)).toEqual([]);
    });

    it('records nothing that no scenario accounts for', () => {
      const accounted = new Set(scenarios.flatMap((at) => spansOf(pair.recorded.spans, at)));
      expect(pair.recorded.spans.filter((span) => !accounted.has(span)).map(({ name }) => name)).toEqual([]);
    });

    it.each(sdk.isCompatible ? [] : OTHER_NODES)('Node $version', async ({ version: node, program }) => {
      const only = baseScenarios(sdk);
      const onNode = await runBoth({ sdk, format, only, node: program });
      for (const at of scenarios.filter(({ name }) => only.includes(name))) {
        matrix.prove({ ...place, node, endpoint: at.endpoint }, () =>
          proveScenario({ ...place, node }, at, onNode),
        );
      }
    });
  });
});
