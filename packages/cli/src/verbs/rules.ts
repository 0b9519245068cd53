import { RULE_KINDS, type RuleKind } from '@costspan/monitoring';
import { readConfig } from '../config.js';
import { checkGenerated, writeGenerated } from '../generated-file.js';
import { RULE_FORMATS, type RuleFormat, renderRulesAs } from '../rule-format.js';
import { CliError, EXIT, parseOptions, refusePositionals, type Verb } from '../verb.js';

const help = `usage: costspan rules [--config FILE] [--format FORMAT] [--out FILE [--check]]

Writes the Prometheus recording and alert rules for the budgets of the config, to stdout or to a file.

  --config FILE         default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
  --format FORMAT       prometheus (default): a rule file; kubernetes: a PrometheusRule
  --only KIND           recording, or alerts: half of it, where the alerts are elsewhere
  --grafana-url URL     base of the links to dashboards; without it they are paths: /d/costspan-budgets
  --runbook-url URL     base of the links to runbooks; without it docs/runbooks
  --out FILE            write there
  --check               write nothing; exit 1 when FILE is not what would be written
`;

const OPTIONS = {
  config: { type: 'string' },
  format: { type: 'string', default: 'prometheus' },
  only: { type: 'string' },
  'grafana-url': { type: 'string' },
  'runbook-url': { type: 'string' },
  'datasource-uid': { type: 'string' },
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
    const format = readWord<RuleFormat>('--format', values.format, RULE_FORMATS);
    const only =
      values.only === undefined ? undefined : readWord<RuleKind>('--only', values.only, RULE_KINDS);
    if (check && out === undefined) {
      throw new CliError('--check needs the file to check', { fix: 'add --out FILE' });
    }
    const read = readConfig(values.config, terminal);
    if ('exitCode' in read) return read.exitCode;
    const text = renderRulesAs(format, {
      budgets: read.config.budgets,
      ...(only !== undefined && { only }),
      ...readLinks(values),
    });
    if (out === undefined) terminal.stdout.write(text);
    else if (check)
      return checkGenerated(out, text, {
        terminal,
        fix: `costspan rules ${argv.filter((word) => word !== '--check').join(' ')}`,
      });
    else writeGenerated(out, text);
    return EXIT.OK;
  },
};

function readLinks(values: {
  readonly 'grafana-url'?: string | undefined;
  readonly 'runbook-url'?: string | undefined;
  readonly 'datasource-uid'?: string | undefined;
}) {
  const [grafanaUrl, runbookUrl] = [values['grafana-url'], values['runbook-url']];
  const datasourceUid = values['datasource-uid'];
  return {
    ...(grafanaUrl !== undefined && { grafanaUrl }),
    ...(runbookUrl !== undefined && { runbookUrl }),
    ...(datasourceUid !== undefined && { datasourceUid }),
  };
}

function readWord<Word extends string>(option: string, value: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw new CliError(`${option} ${JSON.stringify(value)} is not known`, {
    fix: `${option} takes ${words.join(' or ')}`,
  });
}
