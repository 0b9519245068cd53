// Writes the dashboards: for Grafana under grafana/, and for `costspan dashboards` into the package; with --check only
// says whether they are current.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Dashboard, dashboardFile, renderDashboard } from '@costspan/monitoring';
import { budgets } from './dashboards/budgets.mts';
import { models } from './dashboards/models.mts';
import { overview } from './dashboards/overview.mts';
import { pipelineHealth } from './dashboards/pipeline-health.mts';
import { tenants } from './dashboards/tenants.mts';
import { unitEconomics } from './dashboards/unit-economics.mts';

const folder = new URL('../../../grafana/dashboards/', import.meta.url);
const packaged = new URL('../src/dashboards.gen.json', import.meta.url);

const boards = [overview(), unitEconomics(), budgets(), models(), tenants(), pipelineHealth()] as Dashboard[];
const files = new Map<string, readonly [URL, string]>(
  boards.map((board) => [
    dashboardFile(board),
    [new URL(dashboardFile(board), folder), renderDashboard(board)],
  ]),
);
files.set('dashboards.gen.json', [packaged, `${JSON.stringify(boards)}\n`]);

if (process.argv.includes('--check')) {
  const stale = [...files].filter(([, [url, wanted]]) => readFileSync(url, 'utf8') !== wanted);
  const extra = readdirSync(folder).filter((file) => !files.has(file));
  for (const name of [...stale.map(([name]) => name), ...extra]) {
    console.error(`${name} is not current. Fix: npm run generate`);
    process.exitCode = 1;
  }
} else {
  for (const [url, text] of files.values()) writeFileSync(url, text);
}
