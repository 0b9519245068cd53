// Tables of the README and docs/metrics.md, written from what they describe; `--check` compares.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const { METRIC, PROCESSOR_METRIC } = require(join(root, 'packages', 'semconv', 'dist', 'index.js'));
/** What the conformance runs have written: Stainless SDKs, then those whose endpoints are methods. */
const matrixFiles = ['conformance-matrix.md', 'conformance-methods.md'].map((file) =>
  join(root, '.cache', file),
);

const row = (...cells) => `| ${cells.join(' | ')} |`;

function renderPackages() {
  const rows = readdirSync(join(root, 'packages'))
    .map((folder) => ({
      folder,
      ...JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')),
    }))
    .filter((manifest) => !manifest.private)
    .map(({ folder, name, description }) => row(`[\`${name}\`](packages/${folder}/README.md)`, description));
  return [row('package', 'what it is'), '|---|---|', ...rows].join('\n');
}

function renderMetrics() {
  const table = (metrics) =>
    Object.values(metrics)
      .map(({ name, type, labels, help }) =>
        row(`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help),
      )
      .join('\n');
  const head = `${row('metric', 'type', 'labels', 'meaning')}\n|---|---|---|---|`;
  return `# Metrics

Generated from \`packages/semconv/src/metrics.ts\` by \`npm run generate\`. The processor serves them, and with
\`COSTSPAN_METRICS_PORT\` the application itself.

At every scrape, to the pico-dollar: Σ \`llm_cost_usd_total\` = Σ \`llm_task_cost_usd_total\` + Σ
\`llm_task_unsettled_cost_usd\` + the cost of calls outside any task. A series limit never loses money: further label
sets are booked under \`other\`. Once Prometheus scrapes, a new series is shown at 0 first, and its first amount in the
next scrape, so that \`increase()\` sees it; what waits so is in \`costspan_processor_held_cost_usd\`, five minutes at most, and
not yet in the ledger. After a downtime the first scrape shows what was kept, for the same reason. While Prometheus itself is
away, the recorded sums miss what grows: \`increase()\` over the raw counters has it. Who looks by hand, before a Prometheus does, sees all at once. Who asks for OpenMetrics, as Prometheus does, gets exemplars on
\`llm_cost_per_call_usd\` and the durations: the dearest call since the last scrape.

${head}
${table(METRIC)}

## The processor's own health

${head}
${table(PROCESSOR_METRIC)}
`;
}

/** Replaces what stands between the markers of a table; a table whose source is not there stays as it is. */
function fill(text, name, table) {
  if (table === undefined) return text;
  const start = `<!-- generated: ${name} -->\n`;
  const from = text.indexOf(start) + start.length;
  return text.slice(0, from) + table.trimEnd() + text.slice(text.indexOf('\n<!-- end -->', from - 1));
}

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const support = matrixFiles.every((file) => existsSync(file))
  ? matrixFiles.map((file) => readFileSync(file, 'utf8').trimEnd()).join('\n\n')
  : undefined;
const stackedFile = join(root, '.cache', 'frameworks-stacked.md');
const stacked = existsSync(stackedFile) ? readFileSync(stackedFile, 'utf8') : undefined;
const frameworks = readFileSync(join(root, 'docs', 'frameworks.md'), 'utf8');
const targets = {
  'README.md': fill(fill(readme, 'packages', renderPackages()), 'support', support),
  'docs/frameworks.md': fill(frameworks, 'stacked', stacked),
  'docs/metrics.md': renderMetrics(),
};
const isCheck = process.argv.includes('--check');
for (const [file, text] of Object.entries(targets)) {
  const path = join(root, file);
  if (!isCheck) writeFileSync(path, text);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  console.error(`${file} is stale. Fix: npm test (writes the support matrix), then npm run generate`);
  process.exitCode = 1;
}
