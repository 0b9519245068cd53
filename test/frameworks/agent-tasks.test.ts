/** A run of an agent is the task, by configuration: from the framework to the cost per successful task. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { billUsd } from '../pipeline/bill.ts';
import { type ProcessorProcess, readSum, startProcessor } from '../pipeline/stack.ts';
import { Stage } from '../preload/preload.ts';
import { renderTree } from './tree.ts';

const CONFIG = `
tasks:
  from: [scope, invoke_agent]
  settle_after: 10m
  settle_quiet: 1s
  outcome:
    - { when: { error.type: aborted }, is: abandoned }
    - { when: { error.type: "*" }, is: failure }
    - { when: { last_finish_reason: stop }, is: success }
`;
const app = join(import.meta.dirname, 'fixtures', 'langchain.mjs');
let stage: Stage;
let folder: string;
let processor: ProcessorProcess;
beforeAll(async () => {
  stage = await Stage.start();
  folder = mkdtempSync(join(tmpdir(), 'costspan-agent-tasks-'));
  writeFileSync(join(folder, 'app.yaml'), CONFIG);
  processor = await startProcessor(folder, { config: CONFIG });
});
afterAll(async () => {
  await processor.process.stop();
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});
const config = (): Record<string, string> => ({ COSTSPAN_CONFIG: join(folder, 'app.yaml') });

/** A metric's samples as `task outcome` → value, without those that are 0. */
async function readByTask(name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${processor.metrics}/metrics`)).text();
  const samples = [...text.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'))].map(
    ([, labels = '', value]) => {
      const label = (key: string): string => new RegExp(`\\b${key}="([^"]*)"`).exec(labels)?.[1] ?? '';
      return [`${label('task')} ${label('outcome')}`, Number(value)] as const;
    },
  );
  return Object.fromEntries(samples.filter(([, value]) => value !== 0));
}

it('each run of an agent is a task with an outcome and with all it cost', async () => {
  const before = stage.provider.log.length;
  await stage.run({ app: [app], env: { ...config(), OTEL_EXPORTER_OTLP_ENDPOINT: processor.otlp } });
  const billed = stage.provider.log.slice(before).reduce((sum, reply) => sum + billUsd(reply), 0);
  await expect.poll(() => readSum(processor.metrics, 'llm_tasks_total')).toBe(7);
  expect(await readByTask('llm_tasks_total')).toEqual({
    'invoke_agent support success': 2,
    'invoke_agent executor success': 1,
    'invoke_agent success': 1,
    'invoke_agent react success': 1,
    'invoke_agent react abandoned': 1,
    'invoke_agent refused failure': 1,
  });
  const cost = await readByTask('llm_task_cost_usd_total');
  expect(Object.keys(cost).sort()).toEqual([
    'invoke_agent executor success',
    'invoke_agent react abandoned',
    'invoke_agent react success',
    'invoke_agent success',
    'invoke_agent support success',
  ]);
  expect(await readSum(processor.metrics, 'llm_cost_usd_total')).toBeCloseTo(billed, 12);
  // What ran under no agent is in no task; everything else is, to the last call.
  const calls = await readSum(processor.metrics, 'llm_calls_total', 'feature="support"');
  expect(calls).toBe(4);
  expect(cost['invoke_agent support success']).toBeCloseTo(
    await readSum(processor.metrics, 'llm_cost_usd_total', 'feature="support"'),
    12,
  );
});

it('an agent that another one asks for help is part of its task, and ends it not', async () => {
  stage.clear();
  await stage.run({ app: [join(import.meta.dirname, 'fixtures', 'scopes.mjs')], env: config() });
  const tree = renderTree(
    stage.sink.spans,
    ({ attributes }) => ` in ${String(attributes['costspan.task.name'])}`,
  );
  expect(tree.filter((line) => line.startsWith('  task invoke_agent outer'))).toHaveLength(1);
  const steps = tree.filter((line) => !line.trim().startsWith('task '));
  const start = steps.findIndex((line) => line.startsWith('invoke_agent outer'));
  expect(steps.slice(start, start + 7)).toEqual([
    'invoke_agent outer in invoke_agent outer',
    '  chat gpt-4o-mini in invoke_agent outer',
    '  execute_tool look_up in invoke_agent outer',
    '    invoke_agent plain in invoke_agent outer',
    '      chat gpt-4o-mini in invoke_agent outer',
    '      execute_tool look_up in invoke_agent outer',
    '      chat gpt-4o-mini in invoke_agent outer',
  ]);
});
