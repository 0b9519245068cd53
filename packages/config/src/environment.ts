import { ENV } from '@costspan/semconv';
import { findClosest } from './closest.js';
import type { Config } from './config.js';

const PREFIX = 'COSTSPAN_';
const KNOWN: readonly string[] = Object.values(ENV);

/** Of files that are shipped beside the packages, and of the commands among themselves. */
const OTHERS: readonly string[] = [
  'COSTSPAN_COLLECTOR_DATA',
  'COSTSPAN_COLLECTOR_GRPC_PORT',
  'COSTSPAN_COLLECTOR_HEALTH_PORT',
  'COSTSPAN_COLLECTOR_HOST',
  'COSTSPAN_COLLECTOR_HTTP_PORT',
  'COSTSPAN_COLLECTOR_METRICS_PORT',
  'COSTSPAN_DOCTOR_FILE',
  'COSTSPAN_GATEWAY',
  'COSTSPAN_GATEWAY_INSECURE',
  'COSTSPAN_INGEST_TOKEN',
  'COSTSPAN_KAFKA_BROKERS',
  'COSTSPAN_KAFKA_LOGS_TOPIC',
  'COSTSPAN_KAFKA_SPANS_TOPIC',
  'COSTSPAN_PROCESSORS',
  'COSTSPAN_PROCESSOR_TOKEN',
  'COSTSPAN_PROCESSOR_URL',
  'COSTSPAN_QUEUE_SPANS',
  'COSTSPAN_READ_TOKEN',
  'COSTSPAN_REDACTION_KEY',
  'COSTSPAN_TRACE_STORE',
];

/** What Kubernetes tells each container of a service, named after it: `COSTSPAN_PROCESSOR_SERVICE_HOST`, `…_PORT_4318_TCP`. */
const OF_A_SERVICE = /_SERVICE_(?:HOST|PORT)(?:_|$)|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_|$)|$)/;

/** A variable that has our prefix and that nothing of ours reads. */
export interface UnknownVariable {
  readonly name: string;
  /** The one that was most likely meant, where one is near. */
  readonly closest: string | undefined;
}

/** Variables that are set and mean nothing: mistyped most likely, though whoever likes may have such of its own. */
export function findUnknownVariables(
  env: Readonly<Record<string, string | undefined>>,
  config?: Config,
): readonly UnknownVariable[] {
  const named = config === undefined ? [] : readNamed(config);
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !KNOWN.includes(name) && !OTHERS.includes(name))
    .filter((name) => !(OF_A_SERVICE.test(name) && isOfAService(env[name])) && !named.includes(name))
    .map((name) => ({ name, closest: findNear(name) }));
}

/** Of tokens and passwords the config says itself in which variable they are. */
const readNamed = ({ access, ledger }: Config): readonly (string | undefined)[] => [
  ...access.tokens.map(({ env }) => env),
  ledger.clickhouse?.passwordEnv,
];

/** An address, or a port of it: what is set by hand under such a name is looked at. */
const isOfAService = (value: string | undefined): boolean =>
  value !== undefined &&
  (/^(?:tcp|udp|sctp):/.test(value) || /^[\d.:a-f]+$/i.test(value) || /^(?:tcp|udp|sctp)$/.test(value));

function findNear(name: string): string | undefined {
  const words = KNOWN.map((known) => known.slice(PREFIX.length));
  const closest = findClosest(name.slice(PREFIX.length), words);
  return closest === undefined ? undefined : `${PREFIX}${closest}`;
}

/** What is to be said of one of them. */
export const describeUnknownVariable = ({ name, closest }: UnknownVariable): string =>
  closest === undefined
    ? `${name} is no variable of costspan`
    : `${name} is no variable of costspan; did you mean ${closest}?`;
