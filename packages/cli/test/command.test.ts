import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listDashboards, renderGrafanaRules, renderKubernetesRules, renderRules } from '@costspan/monitoring';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const bin = join(import.meta.dirname, '..', 'bin', 'costspan.js');
/** What does not end by itself is killed. */
const LIFE_MS = 300_000;
let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-cli-'));
  writeFileSync(file('good.yaml'), 'budgets:\n  - { name: support, limit_usd: 1200, period: month }\n');
  writeFileSync(file('bad.yaml'), 'budgets:\n  - { name: support, limit_usd: -1, period: month }\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the built command in an empty folder. */
function costspan(...args: string[]) {
  const env = { ...process.env, COSTSPAN_CONFIG: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env,
    timeout: LIFE_MS,
  });
  return { status, stdout, stderr };
}
const done = (stdout: string) => ({ status: 0, stdout, stderr: '' });
const failed = (status: number, message: string, fix: string) => ({
  status,
  stdout: '',
  stderr: `costspan: ${message}\n  fix: ${fix}\n`,
});

describe('costspan', () => {
  const verbs =
    'demo, processor, rules, dashboards, check, doctor, price, report, prices, reconcile, reprice';

  it('prints its version and its verbs', () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
    expect(costspan('--version')).toEqual(done(`${version}\n`));
    const { status, stdout } = costspan('--help');
    expect(status).toBe(0);
    expect([...stdout.matchAll(/^ {2}(\w+) /gm)].map(([, verb]) => verb).join(', ')).toBe(verbs);
  });

  it.each([
    ['bill', `there is no verb "bill"`],
    ['toString', `there is no verb "toString"`],
    ['--verbose', `there is no verb "--verbose"`],
  ])('refuses %s and names the verbs', (word, message) => {
    expect(costspan(word)).toEqual(failed(2, message, `the verbs are ${verbs}`));
  });

  it('on a Node without what the ledger stands on says which Node to use', () => {
    const run = spawnSync(process.execPath, ['--no-experimental-sqlite', bin, 'report'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: LIFE_MS,
    });
    const message = `report does not run on Node ${process.versions.node}: No such built-in module: node:sqlite`;
    expect(run).toMatchObject(failed(2, message, 'use Node 22.15 or newer'));
  });

  it('without a verb says so', () => {
    expect(costspan()).toEqual(failed(2, 'what shall be done?', `costspan VERB, one of ${verbs}`));
  });

  it.each(['demo', 'processor', 'rules', 'dashboards', 'check', 'doctor', 'price', 'prices', 'reprice'])(
    '%s --help starts with its usage',
    (verb) => {
      const { status, stdout, stderr } = costspan(verb, '--help');
      expect({
        status,
        stderr,
        start: stdout.split(/ \[| --/, 1)[0]!.replace(/ MODEL| update FILE\|URL/, ''),
      }).toEqual({
        status: 0,
        stderr: '',
        start: `usage: costspan ${verb}`,
      });
    },
  );

  it.each(['rules', 'dashboards', 'check', 'doctor', 'price', 'prices', 'reprice'])(
    '%s refuses an option that it does not know',
    (verb) => {
      const { status, stderr } = costspan(verb, '--colour');
      expect(status).toBe(2);
      expect(stderr).toMatch(
        new RegExp(`^costspan: Unknown option '--colour'\n  fix: usage: costspan ${verb} .*\n$`),
      );
    },
  );
});

describe('costspan rules', () => {
  const budgets = [
    { name: 'support', match: {}, limitPicoUsd: 1_200_000_000_000_000n, period: 'month', timezone: 'UTC' },
  ] as const;

  it('prints the rules of the config', () => {
    expect(costspan('rules')).toEqual(done(renderRules()));
    expect(costspan('rules', '--config', 'good.yaml')).toEqual(done(renderRules({ budgets })));
  });

  it('writes them and says when they are no longer current', () => {
    expect(costspan('rules', '--config', 'good.yaml', '--out', 'out.yml')).toEqual(done(''));
    expect(readFileSync(file('out.yml'), 'utf8')).toBe(renderRules({ budgets }));
    const check = ['rules', '--config', 'good.yaml', '--out', 'out.yml', '--check'];
    expect(costspan(...check)).toEqual(done('out.yml: current\n'));
    writeFileSync(file('out.yml'), renderRules({ budgets }).replace('groups:', 'group:'));
    expect(costspan(...check)).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'out.yml:3 is not current: it has "group:", it should have "groups:"\n  fix: costspan rules --config good.yaml --out out.yml\n',
    });
    expect(readFileSync(file('out.yml'), 'utf8')).toContain('group:');
  });

  it.each([
    ['kubernetes', renderKubernetesRules],
    ['grafana', renderGrafanaRules],
  ])('writes them for %s', (format, render) => {
    const links = { grafanaUrl: 'https://grafana.example', runbookUrl: 'https://docs.example/runbooks' };
    const args = ['--grafana-url', links.grafanaUrl, '--runbook-url', links.runbookUrl, '--only', 'alerts'];
    expect(costspan('rules', '--config', 'good.yaml', '--format', format, ...args)).toEqual(
      done(render({ budgets, ...links, only: 'alerts' })),
    );
  });

  it.each([
    [['--check'], 2, '--check needs the file to check', 'add --out FILE'],
    [
      ['--out', join('no', 'such', 'out.yml')],
      1,
      "cannot write no/such/out.yml: ENOENT: no such file or directory, open 'no/such/out.yml'",
      'name a file in a folder that is there and that this user may write to',
    ],
    [
      ['--out', 'none.yml', '--check'],
      1,
      "cannot read none.yml: ENOENT: no such file or directory, open 'none.yml'",
      'costspan rules --out none.yml',
    ],
    [
      ['--format', 'helm'],
      2,
      '--format "helm" is not known',
      '--format takes prometheus, kubernetes, grafana',
    ],
    [
      ['--format', 'grafana', '--only', 'recording'],
      2,
      'Grafana-managed alerts have no recording rules',
      'costspan rules --only recording, and load it in Prometheus',
    ],
    [['--only', 'both'], 2, '--only "both" is not known', '--only takes recording, alerts'],
    [
      ['surplus'],
      2,
      'unexpected argument "surplus"',
      'usage: costspan rules [--config FILE] [--format FORMAT] [--out FILE [--check]]',
    ],
  ])('%j says how to repair it', (args, status, message, fix) => {
    expect(costspan('rules', ...args)).toEqual(failed(status, message, fix));
  });
});

describe('costspan dashboards', () => {
  const names = listDashboards().map(({ uid }) => join('boards', `${uid}.json`));

  it('writes them and says which are no longer current', () => {
    const titles = listDashboards().map(({ title }) => title);
    expect(costspan('dashboards', '--out', 'boards')).toEqual(
      done(names.map((name, index) => `${name}: ${titles[index]}\n`).join('')),
    );
    expect(JSON.parse(readFileSync(file(names[0]!), 'utf8'))).toEqual(listDashboards()[0]);
    const current = (name: string) => `${name}: current\n`;
    expect(costspan('dashboards', '--out', 'boards', '--check')).toEqual(done(names.map(current).join('')));
    writeFileSync(file(names[2]!), '{}\n');
    const { status, stdout, stderr } = costspan('check', '--dashboards', 'boards');
    expect(status).toBe(1);
    expect(stdout).toBe(
      `no ./costspan.yaml, so the defaults: ok, 0 budgets\n${names.toSpliced(2, 1).map(current).join('')}`,
    );
    expect(stderr).toBe(
      `${names[2]}:1 is not current: it has "{}", it should have "{"\n  fix: costspan dashboards --out boards\n`,
    );
  });

  it('says how to repair what is wrong', () => {
    expect(costspan('dashboards')).toEqual(failed(2, 'which folder?', 'add --out DIR'));
    expect(costspan('dashboards', '--out', 'good.yaml')).toEqual(
      failed(
        1,
        "cannot make good.yaml: EEXIST: file already exists, mkdir 'good.yaml'",
        'name a folder that this user may make or write to',
      ),
    );
  });

  const hasProc = process.platform === 'linux';
  it.skipIf(!hasProc)(
    `ends where the system lets nobody make a folder${hasProc ? '' : ' (needs the /proc of Linux)'}`,
    () => {
      // Node's own recursive mkdir tries for ever here.
      expect(costspan('dashboards', '--out', '/proc/costspan/boards')).toEqual(
        failed(
          1,
          "cannot make /proc/costspan/boards: ENOENT: no such file or directory, mkdir '/proc/costspan'",
          'name a folder that this user may make or write to',
        ),
      );
    },
  );
});

describe('costspan check', () => {
  it('notes prices that change nothing, as a name that is mistyped does, and is content', () => {
    const discounts =
      '[ { provider: vertex_ai, percent: 9 }, { provider: openai, model: gtp-5, percent: 9 } ]';
    writeFileSync(file('idle.yaml'), `prices: { discounts: ${discounts}, models: { mine: gtp-5 } }\n`);
    const fix = '\n  fix: look it up with costspan price MODEL --provider P\n';
    expect(costspan('check', '--config', 'idle.yaml')).toEqual({
      status: 0,
      stdout: 'idle.yaml: ok, 0 budgets\n',
      stderr: [
        'note: prices.discounts[0]: the provider vertex_ai has no price to take it off',
        'note: prices.discounts[1]: gtp-5 of openai has no price to take it off',
        'note: prices.models.mine: gtp-5 has no price with any provider',
        '',
      ].join(fix),
    });
    const contract =
      '{ provider: gcp.vertex_ai, percent: 9 }, { provider: openai, model: gpt-5, percent: 9 }';
    writeFileSync(file('used.yaml'), `prices: { discounts: [ ${contract} ], models: { mine: gpt-5 } }\n`);
    expect(costspan('check', '--config', 'used.yaml')).toEqual(done('used.yaml: ok, 0 budgets\n'));
  });

  it('says what it checked', () => {
    expect(costspan('check')).toEqual(done('no ./costspan.yaml, so the defaults: ok, 0 budgets\n'));
    costspan('rules', '--config', 'good.yaml', '--out', 'checked.yml');
    expect(costspan('check', '--config', 'good.yaml', '--rules', 'checked.yml')).toEqual(
      done('good.yaml: ok, 1 budget\nchecked.yml: current\n'),
    );
  });

  it('fails with rules of another config', () => {
    costspan('rules', '--out', 'other.yml');
    const { status, stderr } = costspan('check', '--config', 'good.yaml', '--rules', 'other.yml');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^other\.yml:\d+ is not current: .*budget:llm_budget_configured:info.*\n {2}fix: costspan rules --config good\.yaml --out other\.yml\n$/,
    );
  });

  it('says how to write rules again that are of another format', () => {
    costspan('rules', '--out', 'plain.yml');
    const options = ['--format', 'kubernetes', '--only', 'alerts'];
    const { status, stderr } = costspan('check', '--rules', 'plain.yml', ...options);
    expect(status).toBe(1);
    expect(stderr).toMatch(/\n {2}fix: costspan rules --format kubernetes --only alerts --out plain\.yml\n$/);
  });

  it('takes the lines of a file as Git on Windows ends them', () => {
    const rules = renderRules().replaceAll('\n', '\r\n');
    writeFileSync(file('windows.yml'), rules);
    expect(costspan('check', '--rules', 'windows.yml')).toEqual(
      done('no ./costspan.yaml, so the defaults: ok, 0 budgets\nwindows.yml: current\n'),
    );
  });

  it('explains the outcome of each task in a dump of spans', () => {
    const span = (spanId: string, name: string, attributes: Record<string, string>) => ({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId,
      name,
      startTimeUnixNano: '1795348798000000000',
      endTimeUnixNano: '1795348799000000000',
      attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
    });
    const task = (id: string) => ({ 'costspan.task.id': id, 'costspan.task.name': 'resolve' });
    const cut = { 'gen_ai.operation.name': 'chat', 'gen_ai.response.finish_reasons': 'length' };
    const ok = { 'http.response.status_code': '200' };
    const succeeded = { 'costspan.task.outcome': 'success', 'costspan.task.outcome.source': 'api' };
    const spans = [
      span('00f067aa0ba90001', 'chat gpt-5', { ...task('t1'), ...cut }),
      span('00f067aa0ba90002', 'task resolve', { ...task('t1'), ...ok }),
      span('00f067aa0ba90003', 'chat gpt-5', { ...task('t2'), ...cut }),
      span('00f067aa0ba90004', 'task resolve', { ...task('t2'), ...ok, ...succeeded }),
      span('00f067aa0ba90005', 'task resolve', task('t3')),
    ];
    const expected = `no ./costspan.yaml, so the defaults: ok, 0 budgets
t1 (resolve, unattributed): failure, 0 USD
  tasks.outcome[4] {"last_finish_reason":["length","max_tokens","max_output_tokens","MAX_TOKENS","content_filter","refusal","SAFETY"]}
  by span 00f067aa0ba90001 chat gpt-5
t2 (resolve, unattributed): success, 0 USD
  said so: api, which wins over the rules
t3 (resolve, unattributed): unknown, 0 USD
  nothing decided: unknown at its deadline
`;
    const requests = spans.map((one) => ({ resourceSpans: [{ scopeSpans: [{ spans: [one] }] }] }));
    for (const dump of [
      JSON.stringify(spans),
      JSON.stringify(requests),
      requests.map((request) => JSON.stringify(request)).join('\n'),
    ]) {
      writeFileSync(file('dump.json'), dump);
      expect(costspan('check', '--span', 'dump.json')).toEqual(done(expected));
    }
    writeFileSync(file('none.json'), 'spans: none');
    expect(costspan('check', '--span', 'none.json')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^costspan: cannot read none.json: neither .*\n {2}fix: name a file of spans/,
      ),
    });
  });

  it.each(['check', 'rules'])('%s prints a wrong config with line, value and fix', (verb) => {
    expect(costspan(verb, '--config', 'bad.yaml')).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'bad.yaml:2:33 COSTSPAN_CONFIG_WRONG_VALUE budgets[0].limit_usd: -1 is not a number from 0.000001 to 1000000000 with at most 6 decimals\n  fix: write for example 1200\n',
    });
  });
});

describe('costspan processor', () => {
  it('serves on free ports and ends with 0 on SIGTERM', async () => {
    const doors = ['--otlp-http', '--otlp-grpc', '--metrics'];
    const args = ['processor', ...doors.flatMap((flag) => [flag, '127.0.0.1:0'])];
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const ready = JSON.parse(await readLine(child)) as { event: string; metrics: string };
      expect(ready.event).toBe('ready');
      const response = await fetch(`${ready.metrics}/healthz`);
      expect(response.status).toBe(200);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('refuses a wrong config before it listens', () => {
    const { status, stdout } = costspan('processor', '--config', 'bad.yaml');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});

async function readLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the child has no stdout');
  const [chunk] = await once(child.stdout, 'data');
  return String(chunk);
}
