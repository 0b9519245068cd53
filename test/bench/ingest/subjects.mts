/** What is measured: each a process of its own, fresh for every run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, type RunningProcess, startProcess } from '@costspan/testkit';
import { findCollector } from '../../collector-build.ts';
import type { Protocol } from './channel.mts';

/** What only our own processor has. */
export interface StartOptions {
  readonly lifeMs?: number;
  /** `costspan.yaml`. */
  readonly config?: string;
  /** So that {@link Server.readHeapMb} can be asked. */
  readonly isHeapWatched?: boolean;
}

export interface Subject {
  readonly name: string;
  start(options?: StartOptions): Promise<Server>;
}

/** A server that takes spans. */
export interface Server {
  readonly pid: number;
  readonly origins: Readonly<Record<Protocol, string>>;
  readonly metricsUrl: string;
  /** How many spans, or calls, it says it has counted. */
  readonly counted: { readonly metric: RegExp; readonly of: 'spans' | 'calls' };
  /** What is left in its heap, and beside it in buffers and typed arrays, after all garbage was collected. */
  readHeapMb?(): Promise<number>;
  stop(): Promise<void>;
}

const LIFE_MS = 300_000;
const CLI = fileURLToPath(new URL('../../../packages/cli/bin/costspan.js', import.meta.url));
const PLAIN = fileURLToPath(new URL('plain.mts', import.meta.url));
const WATCH_HEAP = fileURLToPath(new URL('../preloads/heap.cjs', import.meta.url));
const ANY_PORT = '127.0.0.1:0';

/** The processor as it is installed, and everything that it takes is durable before it is acknowledged. */
export const COSTSPAN: Subject = {
  name: 'costspan processor, durable',
  async start({ lifeMs = LIFE_MS, config = '', isHeapWatched = false } = {}) {
    const data = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
    const configPath = join(data, 'costspan.yaml');
    writeFileSync(configPath, config);
    const doors = ['--otlp-http', ANY_PORT, '--otlp-grpc', ANY_PORT, '--metrics', ANY_PORT];
    const flags = isHeapWatched ? ['--expose-gc', '--require', WATCH_HEAP] : [];
    const command = [...flags, CLI, 'processor', '--config', configPath, '--data', data, ...doors];
    const running = startNode(command, lifeMs);
    const ready = await running.waitForEvent('ready');
    return {
      pid: running.pid,
      origins: { http: String(ready.otlp_http), grpc: String(ready.otlp_grpc) },
      metricsUrl: `${String(ready.metrics)}/metrics`,
      counted: { metric: /^llm_calls_total\{.* (\d+)$/gm, of: 'calls' },
      ...(isHeapWatched && { readHeapMb: watchHeap(running) }),
      async stop() {
        await running.stop();
        rmSync(data, { recursive: true, force: true });
      },
    };
  },
};

function watchHeap(running: RunningProcess): () => Promise<number> {
  let asked = 0;
  return async () => {
    asked += 1;
    running.child.kill('SIGUSR2');
    const { bytes } = await running.waitForEvent(`heap-${asked}`);
    return Number(bytes) / 1e6;
  };
}

/** `protobufjs`: the message tree is built and the spans in it are counted; nothing is kept. */
export const PLAIN_DECODER: Subject = {
  name: 'protobufjs alone, nothing kept',
  async start() {
    const running = startNode([PLAIN]);
    const ready = await running.waitForEvent('ready');
    const origin = String(ready.otlp_http);
    return {
      pid: running.pid,
      origins: { http: origin, grpc: origin },
      metricsUrl: origin,
      counted: { metric: /^plain_spans_total (\d+)$/gm, of: 'spans' },
      stop: () => stop(running),
    };
  },
};

/** What a label of ours is read from. */
const DIMENSIONS = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'costspan.feature',
  'costspan.user.tier',
];

export const COLLECTOR = createCollector('Collector: otlp, spanmetrics', []);
export const COLLECTOR_WITH_LABELS = createCollector('the same with five labels more', DIMENSIONS);

/** The OpenTelemetry Collector, in memory, with its default histogram. */
function createCollector(name: string, dimensions: readonly string[]): Subject {
  return {
    name,
    async start() {
      const path = findCollector();
      if (path === undefined) throw new Error('the Collector is not built: `npm test -- pipeline` builds it');
      const [http, grpc, metrics] = [await findFreePort(), await findFreePort(), await findFreePort()];
      const config = renderConfig({ http, grpc, metrics }, dimensions);
      const running = startProcess(path, ['--config', `yaml:${config}`], { timeoutMs: LIFE_MS });
      const metricsUrl = `http://127.0.0.1:${metrics}/metrics`;
      try {
        await waitUntilServed(metricsUrl);
      } catch (error) {
        await running.stop();
        throw error;
      }
      return {
        pid: running.pid,
        origins: { http: `http://127.0.0.1:${http}`, grpc: `http://127.0.0.1:${grpc}` },
        metricsUrl,
        counted: { metric: /^traces_span_metrics_calls_total\{.* (\S+)$/gm, of: 'spans' },
        stop: () => stop(running),
      };
    },
  };
}

interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly metrics: number;
}

function renderConfig({ http, grpc, metrics }: Ports, dimensions: readonly string[]): string {
  const config = {
    receivers: {
      otlp: {
        protocols: {
          http: { endpoint: `127.0.0.1:${http}` },
          grpc: { endpoint: `127.0.0.1:${grpc}`, max_recv_msg_size_mib: 32 },
        },
      },
    },
    connectors: {
      span_metrics: {
        metrics_flush_interval: '5s',
        dimensions: dimensions.map((dimension) => ({ name: dimension })),
      },
    },
    exporters: { prometheus: { endpoint: `127.0.0.1:${metrics}` } },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
      pipelines: {
        traces: { receivers: ['otlp'], exporters: ['span_metrics'] },
        metrics: { receivers: ['span_metrics'], exporters: ['prometheus'] },
      },
    },
  };
  return JSON.stringify(config);
}

const startNode = (args: readonly string[], timeoutMs = LIFE_MS): RunningProcess =>
  startProcess(process.execPath, args, { timeoutMs });

async function stop(running: RunningProcess): Promise<void> {
  await running.stop();
}

async function waitUntilServed(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const isServed = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isServed) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} is not served`);
}
