import { writeFileSync } from 'node:fs';
import { renderRules } from '@costspan/monitoring';
import { readConfig } from '../config.js';
import { checkRules } from '../rule-file.js';
import { CliError, EXIT, parseOptions, refusePositionals, type Verb } from '../verb.js';

const help = `usage: costspan rules [--config FILE] [--out FILE [--check]]

Writes the Prometheus recording and alert rules for the budgets of the config, to stdout or to a file.

  --config FILE   default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
  --out FILE      write there
  --check         write nothing; exit 1 when FILE is not what would be written
`;

const OPTIONS = {
  config: { type: 'string' },
  out: { type: 'string' },
  check: { type: 'boolean', default: false },
} as const;

/** `costspan rules` */
export const rules: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    refusePositionals(positionals, help);
    const { config: path, out, check } = values;
    if (check && out === undefined) {
      throw new CliError('--check needs the file to check', { fix: 'add --out FILE' });
    }
    const read = readConfig(path, terminal);
    if ('exitCode' in read) return read.exitCode;
    const text = renderRules({ budgets: read.config.budgets });
    if (out === undefined) terminal.stdout.write(text);
    else if (check) return checkRules(out, text, terminal);
    else writeRules(out, text);
    return EXIT.OK;
  },
};

function writeRules(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`cannot write ${file}: ${reason}`, {
      fix: 'name a file in a folder that is there and that this user may write to',
      exitCode: EXIT.FAILED,
    });
  }
}
