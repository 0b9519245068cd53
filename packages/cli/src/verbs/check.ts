import { DEFAULT_CONFIG_PATH, describeUnknownVariable, findUnknownVariables } from '@costspan/config';
import { readConfig } from '../config.js';
import { checkGenerated } from '../generated-file.js';
import { explainDump } from '../outcome-text.js';
import { renderIdlePrices } from '../price-notes.js';
import { RULE_OPTIONS, RULE_OPTIONS_HELP, renderRulesAs, renderRulesCommand } from '../rule-format.js';
import { EXIT, parseOptions, refusePositionals, type Verb } from '../verb.js';
import { checkDashboards } from './dashboards.js';

const help = `usage: costspan check [--config FILE] [--rules FILE] [--dashboards DIR] [--span FILE]

Checks the config, that a rule file is what the config gives, that dashboards are those of this version; explains the
outcomes of a dump of spans. Discounts and aliases that change no price, and variables of the environment that look like
those of costspan and are none, are noted on stderr.

  --config FILE         default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
  --rules FILE          the file that costspan rules --out wrote, with the same of these:
${RULE_OPTIONS_HELP}  --dashboards DIR      the folder that costspan dashboards --out wrote to
  --span FILE           spans as OTLP JSON: says for each task which outcome rule decides, and by which spans
`;

const OPTIONS = {
  config: { type: 'string' },
  rules: { type: 'string' },
  ...RULE_OPTIONS,
  dashboards: { type: 'string' },
  span: { type: 'string' },
} as const;

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
    terminal.stderr.write(renderIdlePrices(read.config.prices));
    for (const unknown of findUnknownVariables(terminal.env, read.config))
      terminal.stderr.write(`note: ${describeUnknownVariable(unknown)}\n`);
    if (values.span !== undefined) terminal.stdout.write(explainDump(values.span, read.config));
    const exitCodes: number[] = [EXIT.OK];
    if (values.rules !== undefined) {
      const fix = renderRulesCommand(values, values.rules, values.config);
      exitCodes.push(checkGenerated(values.rules, renderRulesAs(values, budgets), { terminal, fix }));
    }
    if (values.dashboards !== undefined) exitCodes.push(checkDashboards(values.dashboards, terminal));
    return Math.max(...exitCodes);
  },
};
