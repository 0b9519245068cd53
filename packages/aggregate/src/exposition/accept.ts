import { METRICS_FORMAT, type MetricsFormat } from './format.js';

/** One entry of a list of what a client takes, and how gladly: 0 is not at all. */
interface Accepted {
  readonly name: string;
  readonly version: string | undefined;
  readonly q: number;
}

const OPENMETRICS = 'application/openmetrics-text';
/** Versions of OpenMetrics that ours is: what changed between them concerns nothing that we write. */
const OPENMETRICS_VERSIONS: readonly (string | undefined)[] = [undefined, '0.0.1', '1.0.0'];
/** What Prometheus' own format is called; of those that are there the first says how gladly it is taken. */
const PLAIN = ['text/plain', 'text/*', '*/*'];

/**
 * The format to answer with: OpenMetrics for whoever names it and does not rather take Prometheus' own, which everybody
 * else gets. A scraper of other formats (protobuf) names one of the two after them.
 */
export function readMetricsFormat(headers: Readonly<Record<string, unknown>>): MetricsFormat {
  const accepted = readAccepted(headers.accept);
  const open = accepted.filter(
    ({ name, version }) => name === OPENMETRICS && OPENMETRICS_VERSIONS.includes(version),
  );
  const plain = PLAIN.map((known) => accepted.filter(({ name }) => name === known));
  const openQ = highest(open);
  const isOpen = openQ > 0 && openQ >= highest(plain.find((entries) => entries.length > 0) ?? []);
  return isOpen ? METRICS_FORMAT.OPENMETRICS : METRICS_FORMAT.PROMETHEUS;
}

/** Whether the answer may be compressed by gzip, as Prometheus asks for. */
export const acceptsGzip = (headers: Readonly<Record<string, unknown>>): boolean =>
  highest(readAccepted(headers['accept-encoding']).filter(({ name }) => name === 'gzip')) > 0;

const highest = (entries: readonly Accepted[]): number => Math.max(0, ...entries.map(({ q }) => q));

function readAccepted(header: unknown): readonly Accepted[] {
  if (typeof header !== 'string') return [];
  return header.split(',').map((entry) => {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    const read = (key: string): string | undefined =>
      parameters.find((parameter) => parameter.startsWith(`${key}=`))?.slice(key.length + 1);
    const q = Number(read('q') ?? 1);
    return { name, version: read('version'), q: q >= 0 && q <= 1 ? q : 0 };
  });
}
