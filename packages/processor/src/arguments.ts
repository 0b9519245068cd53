import { parseArgs } from 'node:util';
import { type Address, isLoopback, parseAddress } from './address.js';

/** The command line of `costspan processor`, checked. */
export interface ProcessorArguments {
  readonly configPath?: string;
  readonly otlpHttp: Address;
  readonly metrics: Address;
  readonly dataDirectory?: string;
}

/** Something that stops the start, and what to do about it. */
export interface StartError {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

const USAGE = 'costspan processor [--config FILE] [--otlp-http HOST:PORT] [--metrics HOST:PORT] [--data DIR]';

/** Parses the arguments; on a wrong one says which, and what would be right. */
export function parseArguments(
  argv: readonly string[],
): { readonly arguments: ProcessorArguments } | { readonly error: StartError } {
  let values: { config?: string; 'otlp-http'?: string; metrics?: string; data?: string };
  try {
    const options = { config: TEXT, 'otlp-http': TEXT, metrics: TEXT, data: TEXT };
    ({ values } = parseArgs({ args: [...argv], options, strict: true }));
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ', 1)[0]! : 'the arguments are wrong';
    return { error: { code: 'COSTSPAN_ARGUMENTS', message, fix: USAGE } };
  }
  const otlpHttp = readAddress('--otlp-http', values['otlp-http'] ?? '127.0.0.1:4318');
  if ('error' in otlpHttp) return otlpHttp;
  const metrics = readAddress('--metrics', values.metrics ?? '127.0.0.1:9464');
  if ('error' in metrics) return metrics;
  return {
    arguments: {
      otlpHttp,
      metrics,
      ...(values.config === undefined ? {} : { configPath: values.config }),
      ...(values.data === undefined ? {} : { dataDirectory: values.data }),
    },
  };
}

const TEXT = { type: 'string' } as const;

function readAddress(flag: string, text: string): Address | { readonly error: StartError } {
  const address = parseAddress(text);
  if (address === undefined) {
    const message = `${flag} ${text} is not HOST:PORT`;
    return {
      error: {
        code: 'COSTSPAN_ADDRESS',
        message,
        fix: `write ${flag} 127.0.0.1:4318, or port 0 for a free one`,
      },
    };
  }
  if (!isLoopback(address.host)) {
    return {
      error: {
        code: 'COSTSPAN_ADDRESS_NOT_LOOPBACK',
        message: `${flag} ${text} is reachable from other machines, and this version has neither tokens nor TLS`,
        fix: `listen on 127.0.0.1:${address.port}, behind an OpenTelemetry Collector or a proxy that checks who sends`,
      },
    };
  }
  return address;
}
