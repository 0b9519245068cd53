/**
 * Recorded traffic of real providers through the whole chain: what each provider's calls cost is the same sum, to the
 * last pico-dollar, on the spans, behind a real Collector in the ledger and its reports, and in a real Prometheus.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Recording, readRecording, run, type Script, until } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../conformance/app-run.ts';
import { ROOT } from '../contract/packages.ts';
import { requireCollector, requirePart, suffixOf } from '../real-parts.ts';
import { type CollectorProcess, startCollector } from './collector.ts';
import { type ProcessorProcess, type PrometheusProcess, startProcessor, startPrometheus } from './stack.ts';

/** Beside the checkout on machines that have them; never part of it. */
const FOLDER = join(import.meta.dirname, '../../../shared/recordings');
const HAS_RECORDINGS = existsSync(FOLDER);
if (!HAS_RECORDINGS) console.log('skipped: no recordings beside the checkout (../shared/recordings)');
const collector = requireCollector();
const prometheusPart = requirePart('prometheus');
const isSkipped = !HAS_RECORDINGS || collector.path === undefined || prometheusPart.path === undefined;

/** What is fetched of earlier calls is for those; DeepSeek's price may change between two runs. */
const IS_LEFT_OUT = /-(?:batches-(?:results|retrieve)|files-content|responses-retrieve)-|^deepseek-/;
const RECORDINGS: readonly Recording[] = HAS_RECORDINGS
  ? readdirSync(FOLDER)
      .filter((file) => /-[0-9a-f]{10}\.json$/.test(file) && !IS_LEFT_OUT.test(file))
      .map((file) => readRecording(join(FOLDER, file)))
  : [];

const script: Script = ({ headers }) => {
  const { status, headers: sent, chunks } = RECORDINGS.find(({ id }) => id === headers['x-recording'])!;
  return { kind: 'bytes', status, headers: sent, chunks };
};

const PICO = 1e12;
type Sums = Readonly<Record<string, bigint>>;
function addUp(rows: readonly (readonly [provider: string, picoUsd: bigint])[]): Sums {
  const sums: Record<string, bigint> = {};
  for (const [provider, picoUsd] of rows) sums[provider] = (sums[provider] ?? 0n) + picoUsd;
  return Object.fromEntries(
    Object.entries(sums)
      .filter(([, sum]) => sum > 0n)
      .sort(),
  );
}
/** Decimal text of dollars, as it is printed. */
function toPico(usd: string): bigint {
  const [whole = '', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(12, '0'));
}

describe.skipIf(isSkipped)(
  `recorded traffic through the whole chain${suffixOf(collector)}${suffixOf(prometheusPart)}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-chain-'));
    let processor: ProcessorProcess;
    let prometheus: PrometheusProcess;
    let gateway: CollectorProcess;
    let onSpans: Sums;

    const ask = (file: string, env: Readonly<Record<string, string>> = {}) =>
      runProgram('recorded.cjs', [file], { hasPreload: true, script, env });

    beforeAll(async () => {
      processor = await startProcessor(folder, { isDurable: true });
      prometheus = await startPrometheus(prometheusPart.path!, { folder, target: processor.metrics });
      gateway = await startCollector({
        path: collector.path!,
        config: 'otel-collector.yaml',
        folder,
        env: { COSTSPAN_PROCESSOR_URL: processor.otlp },
      });
      const file = join(folder, 'requests.json');
      const requests = RECORDINGS.map(({ id, request, endpoint, isStream }) => ({
        key: id,
        way: 'fetch',
        request: {
          ...request,
          body: isStream ? { ...(request.body as object), stream: true } : request.body,
          host: request.host.startsWith('127.') ? 'ollama.com' : request.host,
          isForm: /audio|images\.edits/.test(endpoint),
        },
      }));
      writeFileSync(file, JSON.stringify(requests));
      const { spans } = await ask(file);
      onSpans = addUp(
        spans.map(({ attributes }) => [
          String(attributes['gen_ai.provider.name']),
          BigInt(Math.round(Number(attributes['gen_ai.usage.cost.amount'] ?? 0) * PICO)),
        ]),
      );
      await ask(file, { OTEL_EXPORTER_OTLP_ENDPOINT: gateway.otlp });
      const calls = async () => (await prometheus.query('sum(llm_calls_total)'))[0];
      await until(async () => (await calls()) === RECORDINGS.length);
    });
    afterAll(async () => {
      await gateway?.process.stop();
      await prometheus?.process.stop();
      await processor?.process.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const report = async (...flags: readonly string[]): Promise<string> => {
      const command = join(ROOT, 'packages', 'cli', 'bin', 'costspan.js');
      const data = ['--data', join(folder, 'processor-data')];
      return (await run(process.execPath, [command, 'report', ...data, ...flags])).stdout;
    };

    it('has all that there is to compare', () => {
      expect(RECORDINGS.length).toBeGreaterThan(150);
      expect(Object.keys(onSpans).length).toBeGreaterThan(12);
    });

    it('Prometheus has the sums of the spans', async () => {
      for (const [provider, picoUsd] of Object.entries(onSpans)) {
        const [usd = 0] = await prometheus.query(`sum(llm_cost_usd_total{provider="${provider}"})`);
        expect([provider, BigInt(Math.round(usd * PICO))]).toEqual([provider, picoUsd]);
      }
    });

    it('the ledger, reported by provider and as FOCUS, has the sums of the spans', async () => {
      const rows: readonly { readonly provider: string; readonly cost_usd: string }[] = JSON.parse(
        await report('--by', 'provider', '--format', 'json'),
      );
      expect(addUp(rows.map((row) => [row.provider, toPico(row.cost_usd)]))).toEqual(onSpans);
      const [head = '', ...lines] = (await report('--format', 'focus')).trim().split('\n');
      const columns = head.split(',');
      const read = (line: string, column: string) => line.split(',')[columns.indexOf(column)]!;
      const focus = lines.map(
        (line) => [read(line, 'ProviderName'), toPico(read(line, 'BilledCost'))] as const,
      );
      expect(addUp(focus)).toEqual(onSpans);
    });
  },
);
