import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@costspan/testkit';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { CONFIG_FOLDER } from '../pipeline/collector.ts';
import { requirePart, suffixOf } from '../real-parts.ts';

const promtool = requirePart('promtool');
const RULES = join(CONFIG_FOLDER, 'prometheus', 'collector.rules.yml');

interface Case {
  readonly alert: string;
  /** Promtool's notation, a value a minute. */
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
  /** Labels with which it fires; none: it must not. */
  readonly fires: readonly Readonly<Record<string, string>>[];
}

const own = 'instance="gateway",exporter="otlp_http/costspan"';
const LOST = `otelcol_exporter_send_failed_spans{${own}}`;
const REFUSED = 'otelcol_receiver_refused_spans{instance="gateway"}';
const SIZE = `otelcol_exporter_queue_size{${own}}`;
const CAPACITY = `otelcol_exporter_queue_capacity{${own}}`;
const gateway = { instance: 'gateway', exporter: 'otlp_http/costspan' };

const CASES: Readonly<Record<string, Case>> = {
  'spans are given up': {
    alert: 'LLMCollectorLosesSpans',
    series: { [LOST]: '0x20 5x10' },
    at: '22m',
    fires: [{ ...gateway, severity: 'page' }],
  },
  'the first spans are given up, with no counter before': {
    alert: 'LLMCollectorLosesSpans',
    series: { [LOST]: '_x20 5x10' },
    at: '22m',
    fires: [{ ...gateway, severity: 'page' }],
  },
  'spans were given up long ago': {
    alert: 'LLMCollectorLosesSpans',
    series: { [LOST]: '5x60' },
    at: '50m',
    fires: [],
  },
  'the trace store takes none': {
    alert: 'LLMCollectorLosesSpans',
    series: {
      'otelcol_exporter_send_failed_spans{instance="gateway",exporter="otlp_grpc/store"}': '0+100x60',
    },
    at: '30m',
    fires: [],
  },
  'spans are refused': {
    alert: 'LLMCollectorRefusesSpans',
    series: { [REFUSED]: '0+10x60' },
    at: '30m',
    fires: [{ instance: 'gateway', severity: 'ticket' }],
  },
  'spans were refused for a minute': {
    alert: 'LLMCollectorRefusesSpans',
    series: { [REFUSED]: '0x10 10x60' },
    at: '40m',
    fires: [],
  },
  'the queue fills': {
    alert: 'LLMCollectorQueueFilling',
    series: { [SIZE]: '40x60', [CAPACITY]: '100x60' },
    at: '30m',
    fires: [{ ...gateway, severity: 'page' }],
  },
  'the queue is full of one outage that is over': {
    alert: 'LLMCollectorQueueFilling',
    series: { [SIZE]: '0x10 40x5 0x60', [CAPACITY]: '100x90' },
    at: '16m',
    fires: [],
  },
};

describe.skipIf(promtool.path === undefined)(`alerts on the Collector${suffixOf(promtool)}`, () => {
  it('are right for promtool', async () => {
    const result = await run(promtool.path!, ['check', 'rules', RULES]);
    expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it.each(Object.entries(CASES))('%s', async (_name, { alert, series, at, fires }) => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-rules-'));
    const file = join(folder, 'test.yml');
    const query = `ALERTS{alertname="${alert}",alertstate="firing"}`;
    const samples = fires.map((labels) => ({
      labels: `ALERTS{${Object.entries({ alertname: alert, alertstate: 'firing', ...labels })
        .map(([name, value]) => `${name}="${value}"`)
        .join(',')}}`,
      value: 1,
    }));
    writeFileSync(
      file,
      stringify({
        rule_files: [RULES],
        evaluation_interval: '1m',
        tests: [
          {
            interval: '1m',
            input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
            promql_expr_test: [{ expr: query, eval_time: at, exp_samples: samples }],
          },
        ],
      }),
    );
    const result = await run(promtool.path!, ['test', 'rules', file]);
    rmSync(folder, { recursive: true });
    expect({ exitCode: result.exitCode, output: result.stdout }).toMatchObject({ exitCode: 0 });
  });
});
