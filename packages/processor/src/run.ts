import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, describeUnknownVariable, findUnknownVariables, loadConfig } from '@costspan/config';
import { type Access, findOutdated, isGuarded, loadAccess } from './access/access.js';
import { findOpenDoor, type ProcessorArguments, parseArguments } from './arguments.js';
import {
  describeFailure,
  describeHealth,
  describeLedgerHealth,
  describeStartError,
  SUSPICION,
} from './failures.js';
import { createClickHouse } from './ledger/clickhouse/clickhouse.js';
import { type RunningProcessor, startProcessor } from './main.js';
import { boundHeapGrowth } from './memory.js';
import type { Refusal } from './receive/http.js';
import { createLog, type Log } from './telemetry/log.js';
import { MetricsPush, readPushTarget } from './telemetry/push.js';

/** Where the processor meets the world; the defaults are this process's own. */
export interface ProcessorEnvironment {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdout?: NodeJS.WritableStream;
  readonly stderr?: NodeJS.WritableStream;
}

/**
 * `costspan processor`: serves until SIGTERM or SIGINT and resolves to the exit code. One JSON line on stdout when it
 * can serve; one JSON line on stderr for each thing that is wrong. SIGHUP reads the config file again.
 */
export async function runProcessor(
  argv: readonly string[],
  environment: ProcessorEnvironment = {},
): Promise<number> {
  const { env = process.env, stdout = process.stdout, stderr = process.stderr } = environment;
  const log = createLog(stderr, env);
  const parsed = parseArguments(argv);
  if ('error' in parsed) {
    log.error(parsed.error);
    return 2;
  }
  boundHeapGrowth();
  const { configPath, ...start } = parsed.arguments;
  const loaded = loadConfig({ path: configPath, env });
  if (loaded.errors !== undefined) {
    for (const error of loaded.errors) log.error(error);
    return 2;
  }
  for (const unknown of findUnknownVariables(env, loaded.config))
    if (unknown.closest !== undefined) log.warn(describeUnknownVariable(unknown));
  const access = readAccess(loaded.config, { start, env, log });
  if (access === undefined) return 2;
  const stopped = waitForSignal();
  const hangUp = new HangUp();
  let running: RunningProcessor;
  try {
    const clickHouse = createClickHouse(loaded.config, env);
    running = await startProcessor({
      config: loaded.config,
      access,
      clickHouse,
      ...start,
      ...listenWith(log),
    });
  } catch (error) {
    hangUp.stop();
    log.error(describeStartError(error));
    return 1;
  }
  stdout.write(`${JSON.stringify(renderReady(running))}\n`);
  hangUp.listen(() =>
    reload(running, { configPath, start, env, log }).catch((error) => log.error(describeStartError(error))),
  );
  const push = startPush(running, { env, log });
  await stopped;
  hangUp.stop();
  log.debug({ event: 'stopping' });
  await push?.close();
  await running.close();
  return 0;
}

/** What the log is told while the processor serves. */
const listenWith = (log: Log) => ({
  onError: (error: unknown) => log.error(describeFailure(error)),
  onHealth: (failure: unknown) => log[failure === undefined ? 'info' : 'error'](describeHealth(failure)),
  onLedgerHealth: (failure: unknown) =>
    log[failure === undefined ? 'info' : 'error'](describeLedgerHealth(failure)),
  onSuspicion: () => log.warn(SUSPICION),
  onRefusal: ({ reason, httpStatus }: Refusal) => log.debug({ event: 'refused', reason, status: httpStatus }),
});

function startPush(
  running: RunningProcessor,
  { env, log }: Pick<AccessOptions, 'env' | 'log'>,
): MetricsPush | undefined {
  const target = readPushTarget(env, (problem) => log.warn(problem));
  if (target === undefined) return undefined;
  const push = new MetricsPush(target, { read: () => running.processor.readHealth(), log });
  push.start([running.otlpHttp, running.otlpGrpc, running.metrics]);
  return push;
}

const renderReady = ({ otlpHttp, otlpGrpc, metrics }: RunningProcessor) => ({
  event: 'ready',
  otlp_http: otlpHttp,
  otlp_grpc: otlpGrpc,
  metrics,
});

function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

interface AccessOptions {
  readonly start: Pick<ProcessorArguments, 'otlpHttp' | 'otlpGrpc' | 'metrics'>;
  readonly env: NonNullable<ProcessorEnvironment['env']>;
  readonly log: Log;
}

/** Who gets in; undefined, and the log says why, when that is nobody that can be named or anybody at all. */
function readAccess(config: Config, { start, env, log }: AccessOptions): Access | undefined {
  try {
    const access = loadAccess(config.access, env);
    const outdated = findOutdated(access, Date.now());
    if (outdated !== undefined) log.warn(outdated);
    const open = findOpenDoor(start, isGuarded(access));
    if (open === undefined) return access;
    log.error(open);
  } catch (error) {
    log.error(describeStartError(error));
  }
  return undefined;
}

interface ReloadOptions extends AccessOptions {
  readonly configPath: ProcessorArguments['configPath'] | undefined;
}

/** Between two reloads what is received has its turn, whoever sends how many signals. */
const REST_MS = 1_000;

/**
 * SIGHUP from the first moment on: one that comes before anything serves would end the process. However many come during
 * a reload, one more follows.
 */
class HangUp {
  #listener: (() => Promise<void>) | undefined;
  #isAsked = false;
  #isBusy = false;
  #onSignal = () => {
    this.#isAsked = this.#listener !== undefined;
    if (!this.#isBusy) void this.#answer();
  };

  constructor() {
    process.on('SIGHUP', this.#onSignal);
  }

  /** `listener` never rejects. */
  listen(listener: () => Promise<void>): void {
    this.#listener = listener;
  }

  stop(): void {
    this.#listener = undefined;
    process.off('SIGHUP', this.#onSignal);
  }

  async #answer(): Promise<void> {
    this.#isBusy = true;
    while (this.#isAsked) {
      this.#isAsked = false;
      await this.#listener?.();
      await sleep(REST_MS, undefined, { ref: false });
    }
    this.#isBusy = false;
  }
}

/** A file that is wrong changes nothing: the processor goes on as it was, and says what is wrong. */
async function reload(running: RunningProcessor, options: ReloadOptions): Promise<void> {
  const { configPath, env, log } = options;
  const loaded = loadConfig({ path: configPath, env });
  if (loaded.errors !== undefined) {
    for (const error of loaded.errors) log.error(error);
    return;
  }
  const access = readAccess(loaded.config, options);
  if (access === undefined) return;
  await running.reload(loaded.config, access);
  log.info({ event: 'reloaded' });
}
