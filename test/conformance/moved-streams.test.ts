/** A streamed answer that the application hands on, to whatever reads it: the same bytes, and one call of the whole. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, runProgram } from './app-run.ts';
import { reply } from './net-replies.ts';
import { NODES } from './nodes.ts';

describe.each(NODES)('streams that are handed on, %s', (_name, node) => {
  let bare: AppRun;
  let recorded: AppRun;
  beforeAll(async () => {
    const script = ({ path, body }: { path: string; body: Readonly<Record<string, unknown>> }) =>
      reply('', path, body);
    [bare, recorded] = await Promise.all([
      runProgram('moved-streams.cjs', [], { hasPreload: false, script, node }),
      runProgram('moved-streams.cjs', [], { hasPreload: true, script, node }),
    ]);
  });

  it('bring the application the bytes that they would bring it', () => {
    expect(recorded.exitCode).toBe(0);
    expect(bare.transcript.size).toBeGreaterThan(100);
    expect(Object.fromEntries(recorded.transcript)).toEqual(Object.fromEntries(bare.transcript));
  });

  it('are one call each, of all that was answered', () => {
    const told = (scenario: string) =>
      recorded.spans
        .filter(({ attributes }) => attributes['gen_ai.request.model'] === scenario)
        .map(({ attributes }) => [
          attributes['error.type'],
          attributes['gen_ai.usage.input_tokens'],
          attributes['gen_ai.usage.output_tokens'],
        ]);
    // What is no stream of bytes cannot be read into a buffer: there the application leaves.
    const scenarios = [...recorded.transcript]
      .filter(([, observed]) => !observed.includes('"threw"'))
      .map(([scenario]) => scenario);
    expect(recorded.transcript.size - scenarios.length).toBeLessThan(10);
    expect(Object.fromEntries(scenarios.map((scenario) => [scenario, told(scenario)]))).toEqual(
      Object.fromEntries(scenarios.map((scenario) => [scenario, [[undefined, 1_200, 40]]])),
    );
  });
});
