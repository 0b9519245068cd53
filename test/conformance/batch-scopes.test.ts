import { expect, it } from 'vitest';
import { runProgram } from './app-run.ts';

it('books the results of a batch to the feature that submitted it, not to the one that reads them', async () => {
  const { exitCode, spans, stderr } = await runProgram('batch-scopes.cjs', [], { hasPreload: true });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const booked = spans.map(({ attributes }) => [
    attributes['gen_ai.response.id'],
    attributes['costspan.feature'],
    attributes['costspan.tenant'],
  ]);
  expect(booked.sort()).toEqual([
    ['chatcmpl-one', 'nightly-digest', 'acme'],
    ['chatcmpl-two', 'nightly-digest', 'acme'],
    ['msg_one', 'nightly-digest', 'acme'],
    ['msg_two', 'nightly-digest', 'acme'],
  ]);
});
