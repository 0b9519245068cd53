import { DEFAULT_CONFIG_PATH } from '@costspan/config';
import { renderRules } from '@costspan/monitoring';
import { readConfig } from '../config.js';
import { checkGenerated } from '../generated-file.js';
import { explainDump } from '../outcome-text.js';
import { EXIT, parseOptions, refusePositionals, type Verb } from '../verb.js';

const help = `usage: costspan check [--config FILE] [--rules FILE] [--span FILE]

Checks the config, and that a rule file is what the config gives; explains the outcomes of a dump of spans.

  --config FILE   default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
  --rules FILE    the file that costspan rules --out wrote
  --span FILE     spans as OTLP JSON: says for each task which outcome rule decides, and by which spans
`;

const OPTIONS = { config: { type: 'string' }, rules: { type: 'string' }, span: { type: 'string' } } as const;

/** `costspan check` */
export const check: Verb = {
  help,
  async run(argv, terminal) {
    const { values, positionals } = parseOptions(argv, OPTIONS, help);
    refusePositionals(positionals, help);
    const read = readConfig(values.config, terminal);
    if ('exitCode' in read) return read.exitCode;
    const { budgets } = read.config;
    const source = read.path ?? `no ${DEFAULT_CONFIG_PATH}, so the defaults`;
    terminal.stdout.write(
      `${source}: ok, ${budgets.length} ${budgets.length === 1 ? 'budget' : 'budgets'}\n`,
    );
    if (values.span !== undefined) terminal.stdout.write(explainDump(values.span, read.config));
    if (values.rules === undefined) return EXIT.OK;
    return checkGenerated(values.rules, renderRules({ budgets }), {
      terminal,
      fix: `costspan rules --out ${values.rules}`,
    });
  },
};
