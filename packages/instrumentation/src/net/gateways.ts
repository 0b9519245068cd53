import { ENV } from '@costspan/semconv';

/** `llm.internal`, `llm.internal:4000`, `*.llm.example`, `10.1.2.3`, `[::1]:4000`. */
const HOST = /^(?:(?:\*\.)?[\w-]+(?:\.[\w-]+)*|\[[\da-f:]+\])(?::\d{1,5})?$/;

/** What the environment names as gateways of one's own, lower case. */
export interface Gateways {
  readonly hosts: readonly string[];
  /** What is no name of a host. */
  readonly wrong: readonly string[];
}

/** `COSTSPAN_LLM_GATEWAYS`. Loads nothing: the preload starts with it. */
export function readGateways(env: NodeJS.ProcessEnv): Gateways {
  const named = (env[ENV.LLM_GATEWAYS] ?? '').toLowerCase().split(',');
  const hosts = named.map((name) => name.trim()).filter((name) => name !== '');
  return {
    hosts: hosts.filter((name) => HOST.test(name)),
    wrong: hosts.filter((name) => !HOST.test(name)),
  };
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Whether a URL leads to one of them; one that names no port is one at each. */
export function leadsToGateway(hosts: readonly string[], url: string): boolean {
  if (hosts.length === 0 || !URL.canParse(url)) return false;
  const { hostname, port, protocol } = new URL(url);
  const place = `${hostname}:${port || DEFAULT_PORTS[protocol]}`;
  return hosts.some((host) => {
    const isAnyPort = !/:\d+$/.test(host);
    const target = isAnyPort ? hostname : place;
    return host.startsWith('*.') ? target.endsWith(host.slice(1)) : target === host;
  });
}
