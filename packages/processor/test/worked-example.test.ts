import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_CONFIG } from '@costspan/config';
import { picoUsdToUsdText } from '@costspan/pricing';
import { expect, it } from 'vitest';
import { explainTasks, Processor } from '../src/index.ts';
import { createConfiguredPricer } from '../src/pricer.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import { readMetricsText } from './spans.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/worked-example.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``, 'g'))].map(([, text]) => text!.trimEnd());
const [spans = ''] = blocks('json');
const [metrics = '', explained = ''] = blocks('text');

it('comes from its spans to its numbers', async () => {
  const clock = { ms: Date.UTC(2026, 10, 22, 12) };
  const config = DEFAULT_CONFIG;
  const processor = new Processor({
    config,
    price: createConfiguredPricer(config).price,
    now: () => clock.ms,
  });
  await processor.ingest(decodeJson(Buffer.from(spans), processor.decodeOptions), spans.length);
  clock.ms += config.tasks.settleQuietMs;
  await processor.settle();
  const exposed = (await readMetricsText(processor)).split('\n');
  expect(exposed).toEqual(expect.arrayContaining(metrics.split('\n')));

  const { callsPicoUsd, settledPicoUsd } = processor.aggregate.totals();
  const successes = exposed.filter((line) => /^llm_tasks_total.*"success"\} [1-9]/.test(line));
  const count = successes.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  expect(callsPicoUsd).toBe(settledPicoUsd);
  const perSuccess = picoUsdToUsdText(settledPicoUsd / BigInt(count));
  expect(page).toContain(`${picoUsdToUsdText(settledPicoUsd)} USD / ${count} = ${perSuccess} USD.**`);
});

it('adds up by hand, call by call', () => {
  const rows = [
    ...page.matchAll(/^\| ticket-\d \|\s+\d \|\s+(\d+) \|\s+(\d+) \|\s+(\S+) \|\s+(\S+) \|\s+(\S+) \|/gm),
  ];
  expect(rows).toHaveLength(4);
  for (const [, input, output, inputUsd, outputUsd, callUsd] of rows) {
    const inputPicoUsd = BigInt(Number(input) * 250_000);
    const outputPicoUsd = BigInt(Number(output) * 2_000_000);
    expect([inputUsd, outputUsd, callUsd]).toEqual(
      [inputPicoUsd, outputPicoUsd, inputPicoUsd + outputPicoUsd].map(picoUsdToUsdText),
    );
  }
});

it('explains its tasks as it says', () => {
  const lines = explainTasks(spans, DEFAULT_CONFIG).map(
    ({ taskId, name, feature, outcome, costPicoUsd }) =>
      `${taskId} (${name}, ${feature}): ${outcome}, ${picoUsdToUsdText(costPicoUsd)} USD`,
  );
  expect(lines).toEqual(explained.split('\n'));
});
