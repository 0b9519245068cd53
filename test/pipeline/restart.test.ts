import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, Stage } from '../preload/preload.ts';
import { type ProcessorProcess, readSum, startProcessor } from './stack.ts';

/** What stands before the processor and is unwell for the first requests. */
const ILLNESSES = {
  'answers 503': { status: 503, isPassed: false },
  // The worst case: it was counted, but the exporter does not know and sends it again.
  'takes the spans and answers 503': { status: 503, isPassed: true },
  'takes the spans and breaks the connection': { status: undefined, isPassed: true },
} as const;
const UNWELL_REQUESTS = 2;

describe.each(Object.entries(ILLNESSES))('a receiver that for a while %s', (_name, { status, isPassed }) => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-restart-'));
  let stage: Stage | undefined;
  let processor: ProcessorProcess | undefined;
  let gateway: Server | undefined;
  let requests = 0;

  async function startGateway(target: string): Promise<string> {
    gateway = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      requests += 1;
      const isUnwell = requests <= UNWELL_REQUESTS;
      const answer =
        isUnwell && !isPassed ? undefined : await forward(target, request.url!, Buffer.concat(parts));
      if (!isUnwell) response.writeHead(answer!).end('{}');
      else if (status === undefined) response.destroy();
      else response.writeHead(status, { 'retry-after': '0' }).end();
    });
    await new Promise<void>((resolve) => gateway!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  }

  async function forward(target: string, path: string, body: Buffer<ArrayBuffer>): Promise<number> {
    const headers = { 'content-type': 'application/json' };
    const { status: answered } = await fetch(`${target}${path}`, { method: 'POST', headers, body });
    return answered;
  }

  beforeAll(async () => {
    stage = await Stage.start();
    processor = await startProcessor(folder);
  });
  afterAll(async () => {
    gateway?.closeAllConnections();
    gateway?.close();
    await processor?.process.stop();
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gets every span, and each call is counted once', async () => {
    const endpoint = await startGateway(processor!.otlp);
    const running = stage!.launch({
      app: [fixture('in-process.mjs')],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '100' },
    });
    await running.waitForEvent('ready');
    await expect.poll(() => requests).toBeGreaterThan(UNWELL_REQUESTS);
    // Before the end: what is still on its way then is posted once more, and is a duplicate of its own kind.
    const read = (name: string) => readSum(processor!.metrics, name);
    await expect.poll(() => read('llm_tasks_total')).toBe(5);
    await expect.poll(async () => (await read('costspan_processor_duplicates_total')) > 0).toBe(isPassed);
    const ended = await running.stop();
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await read('llm_calls_total')).toBe(5);
  });
});
