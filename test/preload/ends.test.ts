import { type AddressInfo, createServer, type Socket } from 'node:net';
import { findFreePort, measureDelay, PATIENCE_MS, type RunResult } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  endOf,
  fixture,
  type Launch,
  NODE_NAMES,
  type NodeName,
  namesOf,
  repeatedIds,
  Stage,
} from './preload.ts';

const BY_ITSELF = [
  'natural end',
  'beforeExit listener',
  'exit listener',
  'exit code',
  'process.exit',
  'uncaught exception',
  'unhandled rejection',
];
const BY_SIGNAL = [
  'no handler',
  'handler before the SDK',
  'handler',
  'handler that is prepended',
  'handler for once',
  'handler that is removed',
  'signal-exit',
  'hidden listener before the SDK',
];
/** Longer than the run without the preload: a process's last post may take half a second. */
const MAX_DELAY_MS = 1_000;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

const launchOf = (end: string, node: NodeName = '24'): Launch => ({ node, app: [fixture('ends.cjs'), end] });

async function endBySignal(launch: Launch, signal: NodeJS.Signals): Promise<RunResult> {
  const running = stage.launch(launch);
  await running.waitForEvent('ready');
  return endOf(await running.stop({ signal }));
}

/**
 * What may differ: the process id, and a frame of Node's own, which below Node 24 runs every callback through its
 * async hooks as soon as anybody uses AsyncLocalStorage.
 */
const comparable = (result: RunResult): RunResult => ({
  ...endOf(result),
  stderr: result.stderr
    .replace(/\(node:\d+\)/g, '(node)')
    .replace(/ +at process\.callbackTrampoline \(node:internal\/async_hooks:.*\n/, ''),
});

function expectOneSpan(): void {
  expect(namesOf(stage.sink.spans)).toEqual(['chat gpt-4o-mini']);
}

describe.each(NODE_NAMES)(
  'Node %s: a process ends as it would without costspan, and its span arrives',
  (node) => {
    it.each(BY_ITSELF)('%s', async (end) => {
      const launch = launchOf(end, node);
      const bare = await stage.run({ ...launch, flags: [] });
      expect(comparable(await stage.run(launch))).toEqual(comparable(bare));
      expectOneSpan();
    });

    const bySignal = BY_SIGNAL.map((end) => ['SIGTERM', end] as const);
    const others = (['SIGINT', 'SIGHUP', 'SIGUSR2'] as const).flatMap((signal) =>
      ['no handler', 'handler', 'signal-exit'].map((end) => [signal, end] as const),
    );
    it.each([...bySignal, ...others])('%s, %s', async (signal, end) => {
      const launch = launchOf(end, node);
      const bare = await endBySignal({ ...launch, flags: [] }, signal);
      expect(await endBySignal(launch, signal)).toEqual(bare);
      expectOneSpan();
    });
  },
);

describe('a receiver that is no help does not hold up the end', () => {
  const receivers = ['hang', 'reset', 'unavailable', 'closed port', 'silent port'] as const;

  /** How a process ends, and how long after its last answer. */
  async function timed(launch: Launch, signal?: NodeJS.Signals): Promise<[RunResult, number]> {
    const result = signal === undefined ? await stage.run(launch) : await endBySignal(launch, signal);
    return [comparable(result), performance.now() - stage.provider.idleSinceMs];
  }

  /** A port that accepts and says nothing. */
  async function openSilentPort(): Promise<{ port: number; close: () => Promise<void> }> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const close = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
    return { port: (server.address() as AddressInfo).port, close };
  }

  describe.each(receivers)('%s', (receiver) => {
    it.each([
      ['natural end', undefined],
      // The export is under way, or waits for its retry, when the process has nothing more to do.
      ['after a while', undefined],
      ['process.exit', undefined],
      ['uncaught exception', undefined],
      ['no handler', 'SIGTERM'],
    ] as const)('%s', async (end, signal) => {
      const isPort = receiver.endsWith('port');
      const silent = receiver === 'silent port' ? await openSilentPort() : undefined;
      const port = silent?.port ?? (await findFreePort());
      if (!isPort) stage.sink.setMode(receiver as 'hang');
      const launch: Launch = {
        ...launchOf(end),
        env: {
          OTEL_BSP_SCHEDULE_DELAY: '200',
          COSTSPAN_EXIT_WAIT_MS: '',
          ...(isPort ? { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` } : {}),
        },
      };
      const delayMs = await measureDelay(MAX_DELAY_MS, async () => {
        const [bare, bareMs] = await timed({ ...launch, flags: [] }, signal);
        const [ours, oursMs] = await timed(launch, signal);
        expect(ours).toEqual(bare);
        return { bareMs, oursMs };
      });
      expect(delayMs).toBeLessThan(MAX_DELAY_MS);
      await silent?.close();
    });
  });
});

it.each(['natural end', 'process.exit'])(
  'waits for a receiver that is far away as long as COSTSPAN_EXIT_WAIT_MS says: %s',
  async (end) => {
    stage.sink.setMode('late');
    await stage.run({ ...launchOf(end), env: { COSTSPAN_EXIT_WAIT_MS: String(PATIENCE_MS) } });
    expectOneSpan();
    expect(stage.sink.requests).toHaveLength(1);
  },
);

it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const)(
  '%s ends a process that is busy at once where nothing would be lost',
  async (signal) => {
    const launch = { ...launchOf('busy loop'), env: { OTEL_BSP_SCHEDULE_DELAY: '50' } };
    const result = await endBySignal(launch, signal);
    expect(result).toMatchObject({ signal, stdout: '{"event":"ready"}\n', stderr: '' });
    expectOneSpan();
  },
);

it('a signal is not lost that comes while the loop is blocked and nothing is left to lose', async () => {
  const running = stage.launch(launchOf('block after the last span'));
  await running.waitForEvent('ready');
  running.child.kill('SIGTERM');
  const patience = setTimeout(() => running.child.kill('SIGKILL'), PATIENCE_MS);
  expect(await running.ended).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  clearTimeout(patience);
  expectOneSpan();
});

it('exports in the background of a process that lives on, each span once', async () => {
  const running = stage.launch({ ...launchOf('no handler'), env: { OTEL_BSP_SCHEDULE_DELAY: '100' } });
  await running.waitForEvent('ready');
  await stage.sink.waitForSpans(1);
  await running.stop();
  expectOneSpan();
  expect(repeatedIds(stage.sink.spans)).toEqual([]);
});

it('tries again while the receiver is away, and each span arrives once', async () => {
  stage.sink.setMode('unavailable');
  const running = stage.launch({ ...launchOf('no handler'), env: { OTEL_BSP_SCHEDULE_DELAY: '100' } });
  await running.waitForEvent('ready');
  await expect.poll(() => stage.sink.requests.length).toBeGreaterThan(2);
  stage.sink.setMode('ok');
  await stage.sink.waitForSpans(1);
  expect((await running.stop()).signal).toBe('SIGTERM');
  expectOneSpan();
});
