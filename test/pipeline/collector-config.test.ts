import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTENT_ATTRIBUTES } from '@costspan/semconv';
import { run } from '@costspan/testkit';
import { describe, expect, it } from 'vitest';
import { requireCollector, suffixOf } from '../real-parts.ts';
import { CONFIG_FILES, CONFIG_FOLDER, readConfig } from './collector.ts';

const collector = requireCollector();
const KINDS = ['receivers', 'processors', 'connectors', 'exporters', 'extensions'] as const;

/** The Go module of each component, less what all of them share. */
const MODULES: Readonly<Record<string, string>> = {
  'receivers otlp': 'otlpreceiver',
  'receivers kafka': 'kafkareceiver',
  'processors memory_limiter': 'memorylimiterprocessor',
  'processors resource_detection': 'resourcedetectionprocessor',
  'processors transform': 'transformprocessor',
  'processors redaction': 'redactionprocessor',
  'processors filter': 'filterprocessor',
  'processors tail_sampling': 'tailsamplingprocessor',
  'processors groupbyattrs': 'groupbyattrsprocessor',
  'processors delta_to_cumulative': 'deltatocumulativeprocessor',
  'connectors forward': 'forwardconnector',
  'connectors signal_to_metrics': 'signaltometricsconnector',
  'connectors span_metrics': 'spanmetricsconnector',
  'exporters otlp_grpc': 'otlpexporter',
  'exporters otlp_http': 'otlphttpexporter',
  'exporters load_balancing': 'loadbalancingexporter',
  'exporters kafka': 'kafkaexporter',
  'exporters prometheus': 'prometheusexporter',
  'extensions health_check': 'healthcheckextension',
  'extensions file_storage': 'filestorage',
};

/** Components of a configuration that a pipeline or the service names, as `kind type/name`. */
function listUsed(name: string): string[] {
  const { service } = readConfig(name);
  const used = Object.values<Record<string, string[]>>(service.pipelines);
  const ids = (kind: string) => used.flatMap((pipeline) => pipeline[kind] ?? []);
  const connectors = Object.keys(readConfig(name).connectors ?? {});
  return KINDS.flatMap((kind) => {
    if (kind === 'extensions') return service.extensions.map((id: string) => `${kind} ${id}`);
    if (kind === 'connectors') return connectors.map((id) => `${kind} ${id}`);
    return ids(kind)
      .filter((id) => !connectors.includes(id))
      .map((id) => `${kind} ${id}`);
  });
}

describe('the Collector configurations', () => {
  it.skipIf(collector.path === undefined).each(CONFIG_FILES)(
    `%s is valid for the real Collector${suffixOf(collector)}`,
    async (name) => {
      const result = await run(collector.path!, ['validate', '--config', join(CONFIG_FOLDER, name)], {
        env: { PATH: process.env.PATH },
        cwd: tmpdir(),
      });
      expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
    },
  );

  it.each(CONFIG_FILES)('%s defines what it uses and nothing else', (name) => {
    const config = readConfig(name);
    const defined = KINDS.flatMap((kind) => Object.keys(config[kind] ?? {}).map((id) => `${kind} ${id}`));
    expect([...new Set(listUsed(name))].sort()).toEqual(defined.sort());
  });

  it('need exactly the components of the manifest, all of one release', () => {
    const types = CONFIG_FILES.flatMap(listUsed).map((used) => used.replace(/\/.*$/, ''));
    const manifest = readConfig('builder-config.yaml');
    const built: string[] = KINDS.flatMap((kind) =>
      manifest[kind].map(({ gomod }: { gomod: string }) => gomod),
    );
    const names = built.map((gomod) => /([a-z]+) v/.exec(gomod)?.[1]);
    expect(names.sort()).toEqual([...new Set(types)].map((type) => MODULES[type]).sort());
    const versions = new Set(built.map((gomod) => gomod.split(' v')[1]));
    expect([...versions]).toEqual([manifest.dist.version]);
  });

  it('take the same secrets out in the agent as in the gateway', () => {
    const secrets = (name: string) => {
      const { processors } = readConfig(name);
      return { content: processors['transform/content'], redaction: processors.redaction };
    };
    expect(secrets('otel-collector-agent.yaml')).toEqual(secrets('otel-collector.yaml'));
  });

  it('delete every attribute that may hold content', () => {
    const [spans] = readConfig('otel-collector.yaml').processors['transform/content'].trace_statements;
    const patterns: RegExp[] = spans.statements
      .map((statement: string) => /^delete_matching_keys\(span\.attributes, "(.*)"\)$/.exec(statement)?.[1])
      .filter((pattern: string | undefined) => pattern !== undefined)
      .map((pattern: string) => new RegExp(pattern.replaceAll('\\\\', '\\')));
    const kept = CONTENT_ATTRIBUTES.filter((name) => !patterns.some((pattern) => pattern.test(name)));
    expect(kept).toEqual([]);
  });

  it('route by task in the router as behind Kafka', () => {
    const routing = (name: string) => {
      const { processors, exporters } = readConfig(name);
      const { sending_queue: _, ...balancing } = exporters['load_balancing/costspan'];
      return { processors, balancing };
    };
    expect(routing('otel-collector-kafka-consumer.yaml')).toEqual(routing('otel-collector-scaled.yaml'));
  });
});
