import { describe, expect, it } from 'vitest';
import { acceptsGzip, readMetricsFormat } from '../src/index.ts';

/** As Prometheus 2.55 and 3.8 ask. */
const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const PROTOBUF =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6';

describe('the format of metrics', () => {
  it.each([
    PROMETHEUS_2,
    PROMETHEUS_3,
    `${PROTOBUF},application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3`,
    'application/openmetrics-text',
    'application/OpenMetrics-Text; Version=1.0.0; Q=0.9, text/plain; q=0.8',
    'text/plain;q=0.3,application/openmetrics-text;q=0.3',
    'text/plain;q=0,application/openmetrics-text;q=0.1,*/*',
  ])('is OpenMetrics for %s', (accept) => {
    expect(readMetricsFormat({ accept })).toMatch(/^application\/openmetrics-text;/);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'text/html,application/xhtml+xml,*/*;q=0.8',
    // Prometheus with `scrape_protocols: [PrometheusText0.0.4, OpenMetricsText1.0.0]`.
    'text/plain;version=0.0.4;q=0.4,application/openmetrics-text;version=1.0.0;q=0.3,*/*;q=0.2',
    `${PROTOBUF},text/plain;version=0.0.4;q=0.5,*/*;q=0.3`,
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;version=2.0.0',
    'application/openmetrics-text;q=0.2,*/*;q=0.7',
    'application/openmetrics-text;q=many',
  ])('is Prometheus’ own for %s', (accept) => {
    expect(readMetricsFormat({ accept })).toMatch(/^text\/plain;/);
  });
});

it.each([
  ['gzip', true],
  ['gzip, deflate, br, zstd', true],
  ['br;q=1.0, GZIP;q=0.5', true],
  ['gzip;q=0, identity', false],
  ['gzip;q=0.000', false],
  ['identity', false],
  ['x-gzip-not', false],
  ['', false],
  [undefined, false],
])('an answer to %s is compressed: %s', (encoding, isCompressed) => {
  expect(acceptsGzip({ 'accept-encoding': encoding })).toBe(isCompressed);
});
