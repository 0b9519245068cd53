// Writes what the Kubernetes manifests take from elsewhere; with --check only says whether it is current. kustomize reads
// no file outside of its own folder, and gives a ConfigMap a name by its content only where it reads the file itself.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { renderKubernetesRules } from '@costspan/monitoring';
import { parse, stringify } from 'yaml';

const source = new URL('../../../collector-config/', import.meta.url);
const target = new URL('deploy/kubernetes/base/', source);
const collectors = ['otel-collector.yaml', 'otel-collector-agent.yaml', 'otel-collector-scaled.yaml'];

/** A rule file as the Prometheus Operator takes it. */
const wrapRules = (name: string, ruleFile: string): string =>
  stringify(
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name },
      spec: parse(ruleFile),
    },
    { lineWidth: 0, blockQuote: 'literal' },
  );
const collectorRules = readFileSync(new URL('prometheus/collector.rules.yml', source), 'utf8');

const wanted = new Map([
  ['prometheus-rule.yaml', renderKubernetesRules()],
  [
    'collector-rule.yaml',
    `# Generated from prometheus/collector.rules.yml: do not edit.\n${wrapRules('costspan-collector', collectorRules)}`,
  ],
  ...collectors.map((name) => [`files/${name}`, readFileSync(new URL(name, source), 'utf8')] as const),
]);

for (const [name, text] of wanted) {
  const file = new URL(name, target);
  if (!process.argv.includes('--check')) {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`collector-config/deploy/kubernetes/base/${name} is not current. Fix: npm run generate`);
    process.exitCode = 1;
  }
}
