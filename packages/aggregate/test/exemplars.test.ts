import { describe, expect, it } from 'vitest';
import { Aggregate, type CallRecord, readMetricsFormat, renderMetrics } from '../src/index.ts';

const NOW_MS = 1_795_000_000_000;
const format = readMetricsFormat({ accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' });
const trace = (digit: string) => digit.repeat(32);
const call = (digit: string, known: Partial<CallRecord>): CallRecord => ({
  traceId: trace(digit),
  spanId: digit.repeat(16),
  service: 'shop',
  environment: 'prod',
  feature: 'chat',
  userTier: '',
  tenant: '',
  provider: 'openai',
  model: 'm',
  operation: 'chat',
  mode: 'standard',
  status: 'ok',
  endMs: NOW_MS + 500,
  durationSeconds: 1,
  retries: 0,
  costSource: 'local',
  ...known,
});
const render = (aggregate: Aggregate) => renderMetrics(aggregate, NOW_MS, { format, isScrape: true });
const exemplars = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.includes(' # '))
    .map((line) => line.replace(/\{(le="[^"]+").*?\}/, '{$1}'));

describe('exemplars', () => {
  it('are the dearest call since the last scrape, in the bucket that counts it', async () => {
    const aggregate = new Aggregate();
    aggregate.recordCall(call('a', { costPicoUsd: 2e9, durationSeconds: 9 }), NOW_MS);
    aggregate.recordCall(
      call('b', { costPicoUsd: 7e9, durationSeconds: 3, timeToFirstChunkSeconds: 0.5 }),
      NOW_MS,
    );
    aggregate.recordCall(call('c', { costPicoUsd: 1e9, durationSeconds: 1 }), NOW_MS);
    const dearest = `# {trace_id="${trace('b')}",span_id="${'b'.repeat(16)}"}`;
    expect(exemplars(await render(aggregate))).toEqual([
      `llm_call_duration_seconds_bucket{le="5.12"} 2 ${dearest} 3 1795000000.5`,
      `llm_time_to_first_chunk_seconds_bucket{le="0.64"} 1 ${dearest} 0.5 1795000000.5`,
      `llm_cost_per_call_usd_bucket{le="0.01"} 3 ${dearest} 0.007 1795000000.5`,
    ]);
    expect(exemplars(await render(aggregate))).toEqual([]);
    aggregate.recordCall(call('d', { costPicoUsd: 1e9 }), NOW_MS);
    expect(exemplars(await render(aggregate))).toHaveLength(2);
  });

  it('stay out of the format that has no place for them, and are none for a call without a trace', async () => {
    const aggregate = new Aggregate();
    aggregate.recordCall(call('a', { costPicoUsd: 1e9 }), NOW_MS);
    const plain = await renderMetrics(aggregate, NOW_MS);
    expect(exemplars(plain)).toEqual([]);
    expect(plain).toContain('# TYPE llm_calls_total counter\n');
    const untraced = new Aggregate();
    untraced.recordCall(call('a', { traceId: '', costPicoUsd: 1e9 }), NOW_MS);
    expect(exemplars(await render(untraced))).toEqual([]);
  });

  it('come in OpenMetrics, whose counters have their suffix on the samples alone', async () => {
    const aggregate = new Aggregate();
    aggregate.recordCall(call('a', { costPicoUsd: 1e9 }), NOW_MS);
    const text = await render(aggregate);
    expect(text).toContain('# TYPE llm_calls counter\n');
    expect(text).toMatch(/^llm_calls_total\{.*status="ok"\} 1$/m);
    expect(text.endsWith('\n# EOF\n')).toBe(true);
  });
});
