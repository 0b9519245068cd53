import { readConfig } from '../config.js';
import { checkGenerated, writeGenerated } from '../generated-file.js';
import { RULE_OPTIONS, RULE_OPTIONS_HELP, renderRulesAs, renderRulesCommand } from '../rule-format.js';
import { CliError, EXIT, parseOptions, refusePositionals, type Verb } from '../verb.js';

const help = `usage: costspan rules [--config FILE] [--format FORMAT] [--out FILE [--check]]

Writes the Prometheus recording and alert rules for the budgets of the config, to stdout or to a file.

  --config FILE         default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
${RULE_OPTIONS_HELP}  --out FILE            write there
  --check               write nothing; exit 1 when FILE is not what would be written
`;

const OPTIONS = {
  config: { type: 'string' },
  ...RULE_OPTIONS,
  out: { type: 'string' },
  check: { type: 'boolean', default: false },
} as const;

/** `costspan rules` */
export const rules: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    refusePositionals(positionals, help);
    const { out, check } = values;
    if (check && out === undefined) {
      throw new CliError('--check needs the file to check', { fix: 'add --out FILE' });
    }
    const read = readConfig(values.config, terminal);
    if ('exitCode' in read) return read.exitCode;
    const text = renderRulesAs(values, read.config.budgets);
    if (out === undefined) terminal.stdout.write(text);
    else if (check)
      return checkGenerated(out, text, { terminal, fix: renderRulesCommand(values, out, values.config) });
    else writeGenerated(out, text);
    return EXIT.OK;
  },
};
