import type { RequestListener } from 'node:http';
import { type Config, loadConfig } from '@costspan/config';
import type { Address } from './address.js';
import { parseArguments, type StartError } from './arguments.js';
import { createConfiguredPricer } from './pricer.js';
import { Processor } from './processor.js';
import { listenGrpc } from './receive/grpc.js';
import { receive } from './receive/http.js';
import { createMetricsListener, type Listening, listen } from './server.js';

/** How often what is due settles. */
const SETTLE_INTERVAL_MS = 1_000;
/** Requests under way get this long at the end. */
const DRAIN_MS = 5_000;

/** Where the processor meets the world; the defaults are this process's own. */
export interface ProcessorEnvironment {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdout?: NodeJS.WritableStream;
  readonly stderr?: NodeJS.WritableStream;
}

/** A processor that serves. */
export interface RunningProcessor {
  readonly processor: Processor;
  /** `http://HOST:PORT` of the OTLP door. */
  readonly otlpHttp: string;
  /** The same of the gRPC door. */
  readonly otlpGrpc: string;
  /** `http://HOST:PORT` of `/metrics`. */
  readonly metrics: string;
  /** Takes no more requests, finishes those under way. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly config: Config;
  readonly otlpHttp: Address;
  readonly otlpGrpc: Address;
  readonly metrics: Address;
  /** Told of failures of our own while serving. */
  readonly onError: (error: unknown) => void;
}

/** Starts every door; rejects with the error of the system when one cannot be had. */
export async function startProcessor(options: StartOptions): Promise<RunningProcessor> {
  const { config, onError } = options;
  const processor = new Processor({ config, price: createConfiguredPricer(config).price, now: Date.now });
  let isReady = true;
  const door = { processor, limitBytes: config.limits.bodyBytes, onError };
  const open: Listening[] = [];
  const closeAll = async (withinMs: number) => {
    for (const listening of open) await listening.close(withinMs);
  };
  const add = async (starting: Promise<Listening>): Promise<string> => {
    const listening = await starting;
    open.push(listening);
    return listening.origin;
  };
  const serveOtlp: RequestListener = (request, response) => {
    receive(door, request, response).catch(onError);
  };
  try {
    const otlpHttp = await add(listen(options.otlpHttp, serveOtlp));
    const otlpGrpc = await add(listenGrpc(options.otlpGrpc, door));
    const serveMetrics = createMetricsListener(processor, () => isReady);
    const metrics = await add(listen(options.metrics, serveMetrics));
    const settling = setInterval(() => processor.settle(), SETTLE_INTERVAL_MS);
    const close = async () => {
      isReady = false;
      clearInterval(settling);
      await closeAll(DRAIN_MS);
    };
    return { processor, otlpHttp, otlpGrpc, metrics, close };
  } catch (error) {
    await closeAll(0);
    throw error;
  }
}

/**
 * `costspan processor`: serves until SIGTERM or SIGINT and resolves to the exit code. One JSON line on stdout when it
 * can serve; one JSON line on stderr for each thing that is wrong.
 */
export async function runProcessor(
  argv: readonly string[],
  environment: ProcessorEnvironment = {},
): Promise<number> {
  const { env = process.env, stdout = process.stdout, stderr = process.stderr } = environment;
  const log = (level: 'error' | 'warn', entry: StartError): void => {
    stderr.write(`${JSON.stringify({ level, ...entry })}\n`);
  };
  const parsed = parseArguments(argv);
  if ('error' in parsed) {
    log('error', parsed.error);
    return 2;
  }
  const { configPath, dataDirectory, ...addresses } = parsed.arguments;
  const loaded = loadConfig({ path: configPath, env });
  if (loaded.errors !== undefined) {
    for (const error of loaded.errors) log('error', error);
    return 2;
  }
  if (dataDirectory !== undefined) log('warn', NOT_DURABLE);
  const stopped = waitForSignal();
  let running: RunningProcessor;
  try {
    const onError = (error: unknown) => log('error', describeFailure(error));
    running = await startProcessor({ config: loaded.config, ...addresses, onError });
  } catch (error) {
    log('error', describeStartError(error));
    return 1;
  }
  const ready = {
    event: 'ready',
    otlp_http: running.otlpHttp,
    otlp_grpc: running.otlpGrpc,
    metrics: running.metrics,
  };
  stdout.write(`${JSON.stringify(ready)}\n`);
  await stopped;
  await running.close();
  return 0;
}

const NOT_DURABLE: StartError = {
  code: 'COSTSPAN_DATA_NOT_DURABLE',
  message:
    '--data is accepted, but this version keeps everything in memory: a restart starts all counters at 0',
  fix: 'leave --data out, or take it as it is: Prometheus handles counters that restart at 0',
};

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

function describeFailure(error: unknown): StartError {
  const message = error instanceof Error ? (error.stack ?? error.message) : 'unknown';
  return { code: 'COSTSPAN_INTERNAL', message, fix: 'this is a defect of costspan; please report it' };
}

function describeStartError(error: unknown): StartError {
  const message = error instanceof Error ? error.message : 'unknown';
  // Of what a start needs, only the configured prices throw a RangeError.
  if (error instanceof RangeError)
    return { code: 'COSTSPAN_PRICES', message, fix: 'correct the entry under prices in the config file' };
  return {
    code: 'COSTSPAN_LISTEN',
    message,
    fix: 'stop what holds the port, or choose another with --otlp-http, --otlp-grpc and --metrics; port 0 takes a free one',
  };
}
