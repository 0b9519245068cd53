import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@costspan/testkit';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../contract/packages.ts';
import { CONFIG_FOLDER } from '../pipeline/collector.ts';

const FOLDER = join(CONFIG_FOLDER, 'deploy', 'kubernetes');
const BASES = ['base', 'scaled'] as const;

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [key: string]: unknown;
}

const readKustomization = (folder: string) =>
  parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'), { merge: true });

/** Every resource of the manifests; patches are none, they are parts. */
const manifests: readonly Manifest[] = BASES.flatMap((base) =>
  (readKustomization(join(FOLDER, base)).resources as string[])
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => parseAllDocuments(readFileSync(join(FOLDER, base, name), 'utf8'), { merge: true }))
    .map((document) => document.toJS() as Manifest),
);

/** Where the types of a kind are; types, since the models' own validation passes over names that it does not know. */
const TYPES: Readonly<Record<string, string>> = {
  'v1 Namespace': 'kubernetes-models/v1/Namespace',
  'v1 Service': 'kubernetes-models/v1/Service',
  'apps/v1 StatefulSet': 'kubernetes-models/apps/v1/StatefulSet',
  'networking.k8s.io/v1 NetworkPolicy': 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy',
  'monitoring.coreos.com/v1 PodMonitor':
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor',
  'monitoring.coreos.com/v1 PrometheusRule':
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule',
};
/** The operator of OpenTelemetry has no package with types of its resources. */
const UNTYPED = ['opentelemetry.io/v1alpha1 Instrumentation'];

/** What the TypeScript compiler says of manifests written as literals of their types: unknown names, wrong values. */
async function checkTypes(checked: readonly Manifest[]): Promise<string> {
  const folder = mkdtempSync(join(ROOT, 'test', 'node_modules', '.manifests-'));
  const literals = checked.map((manifest, index) => {
    const type = TYPES[`${manifest.apiVersion} ${manifest.kind}`]!;
    return `export const m${index}: import('${type}').I${manifest.kind} = ${JSON.stringify(manifest)};\n`;
  });
  const file = join(folder, 'manifests.ts');
  writeFileSync(file, literals.join(''));
  const flags = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--ignoreConfig',
    '--types',
    '',
    '--module',
    'nodenext',
    file,
  ];
  const result = await run(join(ROOT, 'node_modules', '.bin', 'tsc'), flags);
  rmSync(folder, { recursive: true });
  return result.stdout + result.stderr;
}

describe('the Kubernetes manifests', () => {
  it('are right by the types of their kinds', async () => {
    const kindOf = ({ apiVersion, kind }: Manifest) => `${apiVersion} ${kind}`;
    const typed = manifests.filter((manifest) => !UNTYPED.includes(kindOf(manifest)));
    expect(typed.filter((manifest) => TYPES[kindOf(manifest)] === undefined)).toEqual([]);
    expect(typed.length).toBeGreaterThan(8);
    expect(await checkTypes(typed)).toBe('');
  });

  it('would not be with a name that Kubernetes does not know', async () => {
    const [stateful] = manifests.filter(({ kind }) => kind === 'StatefulSet');
    const wrong = structuredClone(stateful) as unknown as {
      spec: { template: { spec: Record<string, unknown> } };
    };
    wrong.spec.template.spec.terminationGracePeriod = 60;
    expect(await checkTypes([wrong as unknown as Manifest])).toContain(
      `'"terminationGracePeriod"' does not exist`,
    );
  });

  it.each(BASES)('of %s are all on its list, with all that they need', (base) => {
    const { resources, patches = [], configMapGenerator = [] } = readKustomization(join(FOLDER, base));
    const listed: string[] = [
      ...resources,
      ...patches.map(({ path }: { path: string }) => path),
      ...configMapGenerator.flatMap(({ files }: { files: string[] }) => files),
    ];
    const there = readdirSync(join(FOLDER, base), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'kustomization.yaml')
      .map((entry) => join(entry.parentPath, entry.name).slice(join(FOLDER, base).length + 1));
    expect(listed.filter((name) => !name.startsWith('..')).sort()).toEqual(there.sort());
  });

  it('carry every dashboard', () => {
    const { configMapGenerator } = readKustomization(join(ROOT, 'grafana'));
    const listed: string[] = configMapGenerator.flatMap(({ files }: { files: string[] }) => files);
    const there = readdirSync(join(ROOT, 'grafana', 'dashboards')).map((name) => `dashboards/${name}`);
    expect(listed.sort()).toEqual(there.sort());
  });

  it('run nothing as root, and nothing that may write outside of its volumes', () => {
    const pods = manifests
      .filter(({ kind }) => kind === 'StatefulSet')
      .map(({ spec }) => (spec as { template: { spec: PodSpec } }).template.spec);
    expect(pods).toHaveLength(3);
    for (const { securityContext, containers } of pods) {
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  it('ask the operator for the preload, from our own image', () => {
    const instrumentation = manifests.find(({ kind }) => kind === 'Instrumentation')!;
    expect(instrumentation.spec).toMatchObject({
      exporter: { endpoint: 'http://costspan-gateway.costspan:4318' },
      propagators: ['tracecontext', 'baggage'],
      nodejs: { image: 'costspan/autoinstrumentation:local' },
    });
    const gateways = manifests.filter(({ metadata }) => metadata.name === 'costspan-gateway');
    expect(gateways.map(({ kind }) => kind)).toContain('Service');
  });
});

interface PodSpec {
  readonly securityContext: object;
  readonly containers: readonly { readonly securityContext: object }[];
}
