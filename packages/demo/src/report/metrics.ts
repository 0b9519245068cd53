import { PATIENCE_MS } from '@costspan/testkit';

/** One sample of a Prometheus exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A scrape, with the few questions that the report asks. */
export interface Metrics {
  /** All samples of a metric whose labels match. */
  select(name: string, labels?: Readonly<Record<string, string>>): readonly Sample[];
  /** Their sum; 0 when there are none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
  /** Their sum as money, exact: each sample is a whole number of pico-USD. */
  sumPicoUsd(name: string, labels?: Readonly<Record<string, string>>): bigint;
}

/** Scrapes a `/metrics` URL once. @throws when it does not answer 200. */
export async function scrapeMetrics(url: string): Promise<Metrics> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const samples = (await response.text()).split('\n').flatMap(parseLine);
  const select: Metrics['select'] = (name, labels = {}) =>
    samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
  return {
    select,
    sum: (name, labels) => select(name, labels).reduce((sum, { value }) => sum + value, 0),
    sumPicoUsd: (name, labels) =>
      select(name, labels).reduce((sum, { value }) => sum + BigInt(Math.round(value * 1e12)), 0n),
  };
}

function parseLine(line: string): Sample[] {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
  if (match === null) return [];
  const [, name = '', labelText = '', value = ''] = match;
  const pairs = [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  const labels = Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, decodeLabel(text)]));
  return [{ name, labels, value: Number(value) }];
}

function decodeLabel(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}
