// Writes what the Kubernetes manifests take from elsewhere; with --check only says whether it is current. kustomize reads
// no file outside of its own folder, and gives a ConfigMap a name by its content only where it reads the file itself.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { renderKubernetesRules } from '@costspan/monitoring';

const source = new URL('../../../collector-config/', import.meta.url);
const target = new URL('deploy/kubernetes/base/', source);
const collectors = ['otel-collector.yaml', 'otel-collector-agent.yaml', 'otel-collector-scaled.yaml'];

const wanted = new Map([
  ['prometheus-rule.yaml', renderKubernetesRules()],
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
