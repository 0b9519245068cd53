import { readConfig } from '../config.js';
import { type Finding, isHealthy, renderFindings, renderFindingsAsJson } from '../doctor/finding.js';
import { type ProbeRun, watchApplication } from '../doctor/run.js';
import {
  examineExporter,
  examineInstalled,
  examineNode,
  examinePreload,
  examineVariables,
} from '../doctor/static.js';
import { examineWatched } from '../doctor/watched.js';
import {
  CliError,
  EXIT,
  parseOptions,
  readWord,
  refusePositionals,
  type Terminal,
  type Verb,
} from '../verb.js';

const help = `usage: costspan doctor [--for SECONDS] [--format text|json] [-- COMMAND …]

Is this application really instrumented? Lists the LLM SDKs and the agent frameworks that it could load, whether
costspan records them, whether the preload is in place, and whether the receiver of the spans answers. With a command it
starts the application, looks on until one call was recorded and exported, and shows that call:

  costspan doctor -- node --require @costspan/instrumentation/register app.js

  --for SECONDS     how long to wait for a call; default 60
  --format FORMAT   text, json; default text. json is for a pipeline: {"ok": true, "findings": [{"subject", "state", "text",
                    "fix"?, "attributes"?}]}; subject: node, preload, config, variable, sdk, framework, exporter, call; state:
                    ok, problem, unknown (it cannot be seen from here). What the command prints goes to stderr then

Exit codes: 0 all is well, 1 something is not, 2 the command line or the config is wrong.
`;

const OPTIONS = { for: { type: 'string' }, format: { type: 'string', default: 'text' } } as const;
const FORMATS = ['text', 'json'] as const;
const RENDERERS = { text: renderFindings, json: renderFindingsAsJson } as const;
const DEFAULT_SECONDS = '60';

/** `costspan doctor` */
export const doctor: Verb = {
  help,
  async run(argv, terminal) {
    const end = argv.indexOf('--');
    const own = end === -1 ? argv : argv.slice(0, end);
    const command = end === -1 ? [] : argv.slice(end + 1);
    const { values, positionals } = parseOptions(own, OPTIONS, help);
    refusePositionals(positionals, help);
    const limitMs = readSeconds(values.for ?? DEFAULT_SECONDS) * 1000;
    const format = readWord('--format', values.format, FORMATS);
    const read = readConfig(undefined, terminal);
    if ('exitCode' in read) return read.exitCode;
    const config: Finding = {
      subject: 'config',
      state: 'ok',
      text: read.path ?? 'no costspan.yaml, so the defaults',
    };
    const hasOwnStdout = format === 'json';
    const variables = examineVariables(terminal.env, read.config);
    const findings = [config, ...variables, ...(await examine({ command, limitMs, hasOwnStdout }, terminal))];
    terminal.stdout.write(RENDERERS[format](findings));
    return isHealthy(findings) ? EXIT.OK : EXIT.FAILED;
  },
};

async function examine(
  run: Pick<ProbeRun, 'command' | 'limitMs' | 'hasOwnStdout'>,
  { env, stderr }: Terminal,
): Promise<Finding[]> {
  const folder = process.cwd();
  if (run.command.length === 0)
    return [
      examineNode(process.versions.node),
      examinePreload(folder, env),
      ...examineInstalled(folder),
      await examineExporter(env),
    ];
  const onWaiting = () => {
    stderr.write(`costspan: waiting for a call of an LLM, ${run.limitMs / 1000} s at most\n`);
  };
  const findings = examineWatched(await watchApplication({ ...run, env, onWaiting }), { folder, env });
  // A process that ends at once posts its spans while it ends, where nobody can look on any more.
  const isExportSeen = findings.some(({ subject }) => subject === 'exporter');
  return isExportSeen ? findings : [...findings, await examineExporter(env)];
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3_600) return seconds;
  throw new CliError(`--for ${text} is no number of seconds`, {
    fix: 'write for example --for 60, 3600 at most',
  });
}
