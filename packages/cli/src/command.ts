import { CliError, EXIT, type Terminal, type Verb } from './verb.js';

/** A verb in the overview; its file is loaded when it is called, so that `price` does not start a processor's code. */
interface VerbEntry {
  readonly summary: string;
  load(): Promise<Verb>;
}

const VERBS: Readonly<Record<string, VerbEntry>> = {
  demo: {
    summary: 'run the demo (in a checkout)',
    load: async () => (await import('./verbs/demo.js')).demo,
  },
  processor: {
    summary: 'receive spans, serve Prometheus metrics',
    load: async () => (await import('./verbs/processor.js')).processor,
  },
  rules: {
    summary: 'write the Prometheus rules for the budgets of the config',
    load: async () => (await import('./verbs/rules.js')).rules,
  },
  dashboards: {
    summary: 'write the Grafana dashboards',
    load: async () => (await import('./verbs/dashboards.js')).dashboards,
  },
  check: {
    summary: 'check the config, the rules and the dashboards',
    load: async () => (await import('./verbs/check.js')).check,
  },
  doctor: {
    summary: 'is this application really instrumented?',
    load: async () => (await import('./verbs/doctor.js')).doctor,
  },
  price: {
    summary: 'say what a model costs',
    load: async () => (await import('./verbs/price.js')).price,
  },
  report: {
    summary: 'say what calls cost, from the ledger',
    load: async () => (await import('./verbs/report.js')).report,
  },
  prices: {
    summary: 'check a new price table, show what it changes; write it',
    load: async () => (await import('./verbs/prices.js')).prices,
  },
  reconcile: {
    summary: 'compare the ledger with the bill of a provider',
    load: async () => (await import('./verbs/reconcile.js')).reconcile,
  },
  reprice: {
    summary: 'apply corrected prices to what is in the ledger',
    load: async () => (await import('./verbs/reprice.js')).reprice,
  },
};

function renderHelp(): string {
  const rows = Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  return `usage: costspan VERB [arguments]

${rows.join('\n')}

costspan VERB --help tells more of one; costspan --version the version.
Exit codes: 0 done, 1 the work or the check failed, 2 the command line or the config is wrong.
`;
}

/** Runs one command line and resolves to its exit code; what the user can mend is printed with its fix. */
export async function runCommand(
  argv: readonly string[],
  terminal: Terminal,
  { version }: { readonly version: string },
): Promise<number> {
  const { stdout, stderr } = terminal;
  const [word, ...rest] = argv;
  if (word === '--version') {
    stdout.write(`${version}\n`);
    return EXIT.OK;
  }
  if (word === '--help' || word === '-h') {
    stdout.write(renderHelp());
    return EXIT.OK;
  }
  try {
    const verb = await findVerb(word);
    // What follows `--` belongs to the verb, whatever it looks like.
    const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
    if (!own.includes('--help') && !own.includes('-h')) return await verb.run(rest, terminal);
    stdout.write(verb.help);
    return EXIT.OK;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    stderr.write(`costspan: ${error.message}\n  fix: ${error.fix}\n`);
    return error.exitCode;
  }
}

async function findVerb(word: string | undefined): Promise<Verb> {
  const names = Object.keys(VERBS).join(', ');
  if (word === undefined)
    throw new CliError('what shall be done?', { fix: `costspan VERB, one of ${names}` });
  const entry = Object.hasOwn(VERBS, word) ? VERBS[word] : undefined;
  if (entry !== undefined) return loadVerb(word, entry);
  throw new CliError(`there is no verb ${JSON.stringify(word)}`, { fix: `the verbs are ${names}` });
}

/** An older Node lacks `node:sqlite`, which the ledger stands on; verbs that do without it run there, too. */
async function loadVerb(word: string, entry: VerbEntry): Promise<Verb> {
  try {
    return await entry.load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_BUILTIN_MODULE') throw error;
    const message = `${word} does not run on Node ${process.versions.node}: ${(error as Error).message}`;
    throw new CliError(message, { fix: 'use Node 22.15 or newer' });
  }
}
