// Everything that is generated and checked in. Each program writes its files, or with `--check` compares them.
export const generators = [
  { name: 'price table', file: 'packages/pricing/build/generate.mts' },
  { name: 'config schema', file: 'packages/config/build/generate-schema.mts' },
  { name: 'Grafana dashboards', file: 'packages/monitoring/build/generate-dashboards.mts' },
  { name: 'Prometheus rules', file: 'packages/monitoring/build/generate-rules.mts' },
  { name: 'Kubernetes manifests', file: 'packages/monitoring/build/generate-kubernetes.mts' },
  { name: 'third-party notices', file: '.config/notices.mjs' },
];

/** Written from what the tests have found, so compared after them. */
export const reports = [{ name: 'README tables', file: '.config/readme.mjs' }];
