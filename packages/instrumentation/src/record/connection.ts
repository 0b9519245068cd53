import { readFileSync } from 'node:fs';
import type { AgentOptions } from 'node:http';
import { warnOperator } from '../diagnostics.js';
import { requireLazily } from '../lazy.js';
import type { OtlpTarget } from './endpoint.js';

/** What an `Agent` needs to reach the target: certificates, and the proxy that Node itself uses. All of it can be cloned. */
export function readConnection({ url, tlsFiles }: OtlpTarget): AgentOptions {
  const { globalAgent } = requireLazily('node:http') as { globalAgent: { options?: AgentOptions } };
  const { proxyEnv } = (globalAgent.options ?? {}) as { proxyEnv?: NodeJS.ProcessEnv };
  return {
    ...(proxyEnv === undefined ? {} : { proxyEnv: { ...proxyEnv } }),
    ...(url.startsWith('https:') ? readTls(tlsFiles) : {}),
  } as AgentOptions;
}

function readTls(files: OtlpTarget['tlsFiles']): object {
  const read = Object.entries(files).map(([name, file]) => [name, readPem(file)]);
  return {
    ...Object.fromEntries(read.filter(([, text]) => text !== undefined)),
    // As every request of this process does; Node's own warning is about those of the application.
    ...(process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0' ? { rejectUnauthorized: false } : {}),
  };
}

function readPem({ variable, path }: { variable: string; path: string }): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    warnOperator(
      'COSTSPAN_ENVIRONMENT',
      `costspan cannot read ${path} (${(error as Error).message}) and sends without it. Fix: set ${variable} to a PEM file.`,
    );
    return undefined;
  }
}
