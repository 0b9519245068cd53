import { parseArgs } from 'node:util';
import { type Address, isLoopback, parseAddress } from './address.js';

/** The command line of `costspan processor`, checked. */
export interface ProcessorArguments {
  readonly configPath?: string;
  readonly otlpHttp: Address;
  readonly otlpGrpc: Address;
  readonly metrics: Address;
  readonly dataDirectory?: string;
}

/** Something that stops the start, and what to do about it. */
export interface StartError {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

const USAGE =
  'costspan processor [--config FILE] [--otlp-http HOST:PORT] [--otlp-grpc HOST:PORT] [--metrics HOST:PORT] [--data DIR]';

const TEXT = { type: 'string' } as const;
const OPTIONS = { config: TEXT, 'otlp-http': TEXT, 'otlp-grpc': TEXT, metrics: TEXT, data: TEXT };

/** Parses the arguments; on a wrong one says which, and what would be right. */
export function parseArguments(
  argv: readonly string[],
): { readonly arguments: ProcessorArguments } | { readonly error: StartError } {
  let values: Partial<Record<keyof typeof OPTIONS, string>>;
  try {
    const options = OPTIONS;
    ({ values } = parseArgs({ args: [...argv], options, strict: true }));
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ', 1)[0]! : 'the arguments are wrong';
    return { error: { code: 'COSTSPAN_ARGUMENTS', message, fix: USAGE } };
  }
  const empty = (['config', 'data'] as const).find((name) => values[name]?.trim() === '');
  if (empty !== undefined) return { error: describeEmpty(empty) };
  const otlpHttp = readAddress('--otlp-http', values['otlp-http'], '127.0.0.1:4318');
  if ('error' in otlpHttp) return otlpHttp;
  const otlpGrpc = readAddress('--otlp-grpc', values['otlp-grpc'], '127.0.0.1:4317');
  if ('error' in otlpGrpc) return otlpGrpc;
  const metrics = readAddress('--metrics', values.metrics, '127.0.0.1:9464');
  if ('error' in metrics) return metrics;
  return {
    arguments: {
      otlpHttp,
      otlpGrpc,
      metrics,
      ...(values.config === undefined ? {} : { configPath: values.config }),
      ...(values.data === undefined ? {} : { dataDirectory: values.data }),
    },
  };
}

/** Most often a variable of the shell that is not set: taken as none, `--data` would keep nothing. */
const describeEmpty = (name: 'config' | 'data'): StartError => ({
  code: 'COSTSPAN_ARGUMENTS',
  message: `--${name} is empty`,
  fix:
    name === 'data'
      ? 'name a directory, or leave the flag out to keep nothing'
      : 'name a file, or leave the flag out',
});

function readAddress(
  flag: string,
  text: string | undefined,
  byDefault: string,
): Address | { readonly error: StartError } {
  const address = parseAddress(text ?? byDefault);
  if (address !== undefined) return address;
  return {
    error: {
      code: 'COSTSPAN_ADDRESS',
      message: `${flag} ${text} is not HOST:PORT with a port from 0 to 65535`,
      fix: `write ${flag} ${byDefault}, or port 0 for a free one`,
    },
  };
}

/** Beyond the loopback somebody has to be named; undefined when all is well. */
export function findOpenDoor(
  { otlpHttp, otlpGrpc, metrics }: Pick<ProcessorArguments, 'otlpHttp' | 'otlpGrpc' | 'metrics'>,
  isGuarded: boolean,
): StartError | undefined {
  const doors = { '--otlp-http': otlpHttp, '--otlp-grpc': otlpGrpc, '--metrics': metrics };
  const open = Object.entries(doors).find(([, { host }]) => !isLoopback(host));
  if (open === undefined || isGuarded) return undefined;
  const [flag, { host, port }] = open;
  return {
    code: 'COSTSPAN_ADDRESS_NOT_LOOPBACK',
    message: `${flag} ${host}:${port} is reachable from other machines, and access names nobody`,
    fix: `set access.tokens or access.tls.client_ca in costspan.yaml, or listen on 127.0.0.1:${port}`,
  };
}
