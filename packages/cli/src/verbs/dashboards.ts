import { join } from 'node:path';
import { dashboardFile, listDashboards, renderDashboard } from '@costspan/monitoring';
import { makeDirectory } from '@costspan/processor';
import { checkGenerated, writeGenerated } from '../generated-file.js';
import { CliError, EXIT, parseOptions, refusePositionals, type Terminal, type Verb } from '../verb.js';

const help = `usage: costspan dashboards --out DIR [--check]

Writes the Grafana dashboards, one file each, as Grafana's provisioning reads them. They need no config.

  --out DIR   write there
  --check     write nothing; exit 1 when a file is not what would be written
`;

const OPTIONS = { out: { type: 'string' }, check: { type: 'boolean', default: false } } as const;

/** `costspan dashboards` */
export const dashboards: Verb = {
  help,
  run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    refusePositionals(positionals, help);
    const { out, check } = values;
    if (out === undefined) throw new CliError('which folder?', { fix: 'add --out DIR' });
    if (check) return Promise.resolve(checkDashboards(out, terminal));
    makeFolder(out);
    for (const dashboard of listDashboards()) {
      const file = join(out, dashboardFile(dashboard));
      writeGenerated(file, renderDashboard(dashboard));
      terminal.stdout.write(`${file}: ${dashboard.title}\n`);
    }
    return Promise.resolve(EXIT.OK);
  },
};

/** Compares each file; all are looked at, so that one run tells everything. Returns the exit code. */
export function checkDashboards(folder: string, terminal: Terminal): number {
  const exitCodes = listDashboards().map((dashboard) =>
    checkGenerated(join(folder, dashboardFile(dashboard)), renderDashboard(dashboard), {
      terminal,
      fix: `costspan dashboards --out ${folder}`,
    }),
  );
  return Math.max(...exitCodes);
}

function makeFolder(folder: string): void {
  try {
    makeDirectory(folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`cannot make ${folder}: ${reason}`, {
      fix: 'name a folder that this user may make or write to',
      exitCode: EXIT.FAILED,
    });
  }
}
