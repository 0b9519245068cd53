import { readConfig } from '../config.js';
import { type Finding, renderFindings } from '../doctor/finding.js';
import { watchApplication } from '../doctor/run.js';
import { examineExporter, examineInstalled, examineNode, examinePreload } from '../doctor/static.js';
import { examineEvents } from '../doctor/watched.js';
import { CliError, EXIT, parseOptions, refusePositionals, type Terminal, type Verb } from '../verb.js';

const help = `usage: costspan doctor [--for SECONDS] [-- COMMAND …]

Is this application really instrumented? Lists the LLM SDKs and the agent frameworks that it could load, whether
costspan records them, whether the preload is in place, and whether the receiver of the spans answers. With a command it
starts the application, looks on until one call was recorded and exported, and shows that call:

  costspan doctor -- node --require @costspan/instrumentation/register app.js

  --for SECONDS   how long to wait for a call; default 60

Exit codes: 0 all is well, 1 something is not, 2 the command line or the config is wrong.
`;

const OPTIONS = { for: { type: 'string' } } as const;
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
    const read = readConfig(undefined, terminal);
    if ('exitCode' in read) return read.exitCode;
    const config: Finding = {
      subject: 'config',
      state: 'ok',
      text: read.path ?? 'no costspan.yaml, so the defaults',
    };
    const findings = [config, ...(await examine(command, limitMs, terminal))];
    terminal.stdout.write(renderFindings(findings));
    return findings.some(({ state }) => state === 'problem') ? EXIT.FAILED : EXIT.OK;
  },
};

async function examine(
  command: readonly string[],
  limitMs: number,
  { env, stderr }: Terminal,
): Promise<Finding[]> {
  const folder = process.cwd();
  if (command.length === 0)
    return [
      examineNode(process.versions.node),
      examinePreload(folder, env),
      ...examineInstalled(folder),
      await examineExporter(env),
    ];
  const onWaiting = () => {
    stderr.write(`costspan: waiting for a call of an LLM, ${limitMs / 1000} s at most\n`);
  };
  const findings = examineEvents(await watchApplication({ command, env, limitMs, onWaiting }), folder);
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
