/** `costspan doctor`, as a user runs it: what it says of real applications, and its exit status. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type RunResult, run, TEST_LIMIT_MS } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REGISTER, REGISTER_PATH, Stage } from '../preload/preload.ts';

const require = createRequire(import.meta.url);
const bin = join(dirname(require.resolve('costspan/package.json')), 'bin', 'costspan.js');
const here = import.meta.dirname;
const fixture = (name: string): string => join(here, 'fixtures', name);

let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await Stage.start();
  folder = mkdtempSync(join(tmpdir(), 'costspan-doctor-test-'));
});
beforeEach(() => stage.clear());
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the doctor in `cwd`. */
function doctor(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<RunResult> {
  const { cwd = here, env = {} } = options;
  return run(process.execPath, [bin, 'doctor', ...args], {
    cwd,
    env: { ...stage.environment(), ...env },
  });
}

/** What was found of each subject: its marks. */
function marksOf({ stdout }: RunResult): Record<string, string[]> {
  const marks: Record<string, string[]> = {};
  for (const [, mark, subject] of stdout.matchAll(/^(ok|FAIL|\?) +(\w+) /gm))
    marks[subject!] = [...(marks[subject!] ?? []), mark!];
  return marks;
}

const NODE = process.execPath;

describe('a receiver that takes no spans', () => {
  const certificates = join(here, '../../packages/processor/test/fixtures/tls');
  const doors = ['--otlp-http', '--otlp-grpc', '--metrics'].flatMap((door) => [door, '127.0.0.1:0']);
  const ready = async (
    access: string,
  ): Promise<{ ends: AbortController; otlp_http: string; otlp_grpc: string }> => {
    const config = join(folder, 'receiver.yaml');
    writeFileSync(config, access);
    const ends = new AbortController();
    const processor = spawn(NODE, [bin, 'processor', '--config', config, ...doors], {
      stdio: ['ignore', 'pipe', 'ignore'],
      signal: ends.signal,
      timeout: TEST_LIMIT_MS,
    }).on('error', () => undefined);
    const [line] = (await once(createInterface({ input: processor.stdout }), 'line')) as [string];
    return { ends, ...(JSON.parse(line) as { otlp_http: string; otlp_grpc: string }) };
  };
  const fixOf = async (endpoint: string, env: NodeJS.ProcessEnv = {}): Promise<string | undefined> => {
    const result = await doctor([], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env } });
    return /FAIL exporter .*\n +fix: (.*)\n/.exec(result.stdout)?.[1];
  };

  it('asks for a token where it has one', async () => {
    writeFileSync(join(folder, 'token'), 'x'.repeat(32));
    const { ends, otlp_http } = await ready(
      `access: { tokens: [{ name: all, file: ${join(folder, 'token')}, rights: [ingest] }] }\n`,
    );
    expect(await fixOf(otlp_http)).toMatch(/^send a token .* OTEL_EXPORTER_OTLP_HEADERS/);
    ends.abort();
  });

  it('has another protocol there, gRPC or TLS', async () => {
    const { ends, otlp_http, otlp_grpc } = await ready(
      `access: { tls: { cert: ${certificates}/server.crt, key: ${certificates}/server.key } }\n`,
    );
    expect(await fixOf(otlp_http.replace('https:', 'http:'))).toMatch(/^the port speaks something else/);
    expect(await fixOf(otlp_grpc.replace('https:', 'http:'))).toMatch(/^the port speaks something else/);
    expect(await fixOf(otlp_http)).toMatch(/^name the authority .* OTEL_EXPORTER_OTLP_CERTIFICATE/);
    ends.abort();
  });

  it('has a certificate that is out of its time', async () => {
    const { ends, otlp_http } = await ready(
      `access: { tls: { cert: ${certificates}/expired.crt, key: ${certificates}/server.key } }\n`,
    );
    const env = { OTEL_EXPORTER_OTLP_CERTIFICATE: join(certificates, 'expired.crt') };
    expect(await fixOf(otlp_http, env)).toMatch(/^renew the certificate/);
    ends.abort();
  });

  it('is not there, or is something else', async () => {
    const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await fixOf(`http://127.0.0.1:${port}`)).toMatch(/^name its address without a path/);
    server.close();
    expect(await fixOf(`http://127.0.0.1:${port}`)).toMatch(/^start the receiver/);
  });
});

describe('costspan doctor -- COMMAND', () => {
  it('shows the call of an application that ends by itself, and leaves its output alone', async () => {
    const result = await doctor(['--', NODE, '--require', REGISTER, fixture('call.cjs')]);
    expect({ marks: marksOf(result), exitCode: result.exitCode }).toEqual({
      marks: { config: ['ok'], node: ['ok'], preload: ['ok'], sdk: ['ok'], call: ['ok'], exporter: ['ok'] },
      exitCode: 0,
    });
    expect(result.stdout).toMatch(/^answered chatcmpl/);
    expect(result.stdout).toMatch(/ok +sdk +openai [\d.]+ in .*client\.js: recorded\n/);
    expect(result.stdout).toMatch(
      /ok +call +chat gpt-4o-mini, [\d.e-]+ USD\n +gen_ai\.operation\.name = "chat"\n/,
    );
    expect(stage.callSpans()).toHaveLength(1);
  });

  it('stops a service once a call was recorded and exported', async () => {
    const result = await doctor(['--', NODE, '--import', REGISTER, fixture('service.mjs')]);
    expect({ marks: marksOf(result), exitCode: result.exitCode }).toEqual({
      marks: { config: ['ok'], node: ['ok'], preload: ['ok'], sdk: ['ok'], exporter: ['ok'], call: ['ok'] },
      exitCode: 0,
    });
    expect(result.stdout).toContain('costspan.feature = "/ask"');
  });

  it('tells a pipeline the same as JSON, and leaves standard output to it', async () => {
    const command = ['--', NODE, '--require', REGISTER, fixture('call.cjs')];
    const result = await doctor(['--format', 'json', ...command]);
    const report = JSON.parse(result.stdout) as {
      ok: boolean;
      findings: { subject: string; state: string; text: string; attributes?: Record<string, unknown> }[];
    };
    expect(report.ok).toBe(true);
    expect(report.findings.map(({ subject, state }) => `${subject} ${state}`).sort()).toEqual(
      ['config', 'node', 'preload', 'sdk', 'call', 'exporter'].map((subject) => `${subject} ok`).sort(),
    );
    const call = report.findings.find(({ subject }) => subject === 'call');
    expect(call?.text).toMatch(/^chat gpt-4o-mini, [\d.e-]+ USD$/);
    expect(call?.attributes).toMatchObject({ 'gen_ai.operation.name': 'chat' });
    expect(result.stderr).toMatch(/^answered chatcmpl/m);
    expect(result.exitCode).toBe(0);
  });

  it('tells a pipeline what is wrong, and how to mend it', async () => {
    const result = await doctor(['--format', 'json', '--', NODE, fixture('call.cjs')]);
    const report = JSON.parse(result.stdout) as { ok: boolean; findings: object[] };
    expect(report.ok).toBe(false);
    expect(report.findings).toContainEqual({
      subject: 'preload',
      state: 'problem',
      text: 'costspan did not start in this application',
      fix: `start it with node --require ${REGISTER} app.js`,
    });
    expect(result.exitCode).toBe(1);
  });

  it('says that the preload did not run', async () => {
    const result = await doctor(['--', NODE, fixture('call.cjs')]);
    expect({ marks: marksOf(result), exitCode: result.exitCode }).toEqual({
      marks: {
        config: ['ok'],
        node: ['ok'],
        preload: ['FAIL'],
        sdk: ['FAIL'],
        call: ['FAIL'],
        exporter: ['ok'],
      },
      exitCode: 1,
    });
    expect(result.stdout).toContain(`fix: start it with node --require ${REGISTER} app.js`);
  });

  it('says that a worker thread was not given the preload', async () => {
    const worker = join(here, '..', 'preload', 'fixtures', 'worker.mjs');
    const result = await doctor(['--', NODE, '--require', REGISTER, worker, 'calls.mjs', 'flags']);
    expect(result.exitCode).toBe(1);
    expect(marksOf(result).preload).toEqual(['FAIL']);
    expect(result.stdout).toMatch(
      /FAIL preload +did not run in the worker thread that loaded .*anthropic.*\n/,
    );
    expect(result.stdout).toMatch(/fix: name .* in NODE_OPTIONS, and keep that in an env of the Worker/);
  });

  it('says that the preload came after an SDK', async () => {
    const result = await doctor([
      '--',
      NODE,
      '--require',
      'openai',
      '--require',
      REGISTER,
      fixture('call.cjs'),
    ]);
    expect(marksOf(result).preload).toEqual(['FAIL']);
    expect(result.stdout).toMatch(/FAIL preload +ran after .*openai.* was loaded\n/);
    expect(result.exitCode).toBe(1);
  });

  it('says that nobody takes the spans', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const result = await doctor(['--', NODE, '--require', REGISTER, fixture('call.cjs')], { env });
    expect(result.stdout).toMatch(/FAIL exporter +http:\/\/127\.0\.0\.1:9\/v1\/traces: /);
    expect(result.exitCode).toBe(1);
  });

  it('says that no call came in the time that it was given', async () => {
    const idle = 'setInterval(() => undefined, 1000)';
    const result = await doctor(['--for', '0.3', '--', NODE, '--require', REGISTER, '-e', idle]);
    expect(marksOf(result).call).toEqual(['FAIL']);
    expect(result.exitCode).toBe(1);
  });

  it('refuses a command that cannot be started', async () => {
    const result = await doctor(['--', join(folder, 'nothing')]);
    expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(result.stderr).toMatch(/^costspan: cannot start .*nothing: .*ENOENT\n {2}fix: /);
  });
});

describe('a version that costspan does not know', () => {
  /** An application whose `openai` is a later major with its files elsewhere. */
  function createFuture(): string {
    const app = join(folder, 'future');
    const sdk = join(app, 'node_modules', 'openai');
    mkdirSync(join(sdk, 'lib'), { recursive: true });
    writeFileSync(join(app, 'package.json'), '{"name":"future","version":"1.0.0"}');
    writeFileSync(join(sdk, 'package.json'), '{"name":"openai","version":"8.0.0","main":"lib/main.js"}');
    writeFileSync(join(sdk, 'lib', 'main.js'), 'exports.OpenAI = class OpenAI {};\n');
    writeFileSync(join(app, 'app.cjs'), "require('openai');\n");
    return app;
  }

  it('is never silent: the preload warns once, the doctor fails, both with the range', async () => {
    const app = createFuture();
    const plain = await run(NODE, ['--require', REGISTER_PATH, 'app.cjs'], {
      cwd: app,
      env: stage.environment(),
    });
    expect(plain.stdout).toBe('');
    expect(plain.stderr.match(/COSTSPAN_SDK_VERSION/g)).toHaveLength(1);
    expect(plain.stderr).toContain(
      'costspan does not record openai 8.0.0: it knows 4.13.0 up to, but not including, 8.0.0',
    );
    const watched = await doctor(['--', NODE, '--require', REGISTER_PATH, 'app.cjs'], { cwd: app });
    expect(watched.stdout).toMatch(
      /FAIL sdk +openai 8\.0\.0 in node_modules\/openai\/lib\/main\.js: NOT recorded/,
    );
    expect(watched.exitCode).toBe(1);
    const still = await doctor([], { cwd: app });
    expect(still.stdout).toMatch(
      /FAIL sdk +openai 8\.0\.0 in node_modules\/openai: NOT recorded, it knows 4\.13\.0/,
    );
    expect(still.exitCode).toBe(1);
  });
});

describe('agent frameworks', () => {
  const app = join(here, '..', 'frameworks', 'fixtures', 'langchain-required.cjs');

  it('are listed beside the SDKs, once each', async () => {
    const result = await doctor(['--', NODE, '--require', REGISTER, app]);
    const listed = [...result.stdout.matchAll(/^ok +(sdk|framework) +(\S+) [\d.]+ in .*: recorded$/gm)];
    expect(listed.map(([, subject, name]) => `${subject} ${name}`).sort()).toEqual([
      'framework @langchain/core',
      'framework @langchain/langgraph',
      'sdk openai',
    ]);
    expect(result.exitCode).toBe(0);
  });

  it('whose version is not known are no problem, unless their calls leave with them', async () => {
    const modules = join(folder, 'frameworks', 'node_modules');
    for (const name of ['@mastra/core', '@anthropic-ai/claude-agent-sdk']) {
      mkdirSync(join(modules, name), { recursive: true });
      writeFileSync(join(modules, name, 'package.json'), JSON.stringify({ name, version: '9.0.0' }));
    }
    const { stdout } = await doctor([], { cwd: join(folder, 'frameworks') });
    expect(stdout).toMatch(
      /^\? +framework @mastra\/core 9\.0\.0 in .*: its agents and tools are NOT recorded, its calls are counted: it knows/m,
    );
    expect(stdout).toMatch(
      /^FAIL framework @anthropic-ai\/claude-agent-sdk 9\.0\.0 in .*: NOT recorded, it knows/m,
    );
  });
});

describe('costspan doctor', () => {
  it('lists SDKs that are known by what they send, and says of whom nothing tells what was used', async () => {
    const modules = join(folder, 'wires', 'node_modules');
    for (const name of ['@deepgram/sdk', 'replicate']) {
      mkdirSync(join(modules, name), { recursive: true });
      writeFileSync(join(modules, name, 'package.json'), JSON.stringify({ name, version: '9.0.0' }));
    }
    const { stdout } = await doctor([], { cwd: join(folder, 'wires') });
    expect(stdout).toMatch(/^ok +sdk +@deepgram\/sdk 9\.0\.0 in .*: will be recorded by what it sends$/m);
    expect(stdout).toMatch(
      /^\? +sdk +replicate 9\.0\.0 in .*: its calls will be counted .*, without a price$/m,
    );
    expect(stdout).not.toMatch(/FAIL +sdk/);
  });

  it('lists every copy of an SDK, nested and renamed ones too', async () => {
    const app = join(folder, 'copies');
    const modules = join(app, 'node_modules');
    const link = (from: string, to: string) => {
      mkdirSync(dirname(to), { recursive: true });
      symlinkSync(realpathSync(join(here, '..', 'node_modules', from)), to);
    };
    // The very copies that a package of ours has beside it: the doctor finds those as well.
    const ours = '../../packages/pricing/node_modules';
    link(`${ours}/openai`, join(modules, 'openai'));
    link('openai-4', join(modules, 'old-openai'));
    mkdirSync(join(modules, 'library'), { recursive: true });
    writeFileSync(join(modules, 'library', 'package.json'), '{"name":"library","version":"1.0.0"}');
    link(`${ours}/@anthropic-ai/sdk`, join(modules, 'library', 'node_modules', '@anthropic-ai', 'sdk'));
    link('@costspan/instrumentation', join(modules, '@costspan', 'instrumentation'));
    const env = { NODE_OPTIONS: `--require ${REGISTER}` };
    const result = await doctor([], { cwd: app, env });
    const copies = [...result.stdout.matchAll(/^ok +sdk +(\S+ [\d.]+) in /gm)].map(([, copy]) => copy);
    expect(copies.map((copy) => copy?.replace(/\.\d+\.\d+$/, '')).sort()).toEqual([
      '@anthropic-ai/sdk 1',
      'openai 4',
      'openai 7',
    ]);
    expect({ marks: marksOf(result), exitCode: result.exitCode }).toEqual({
      marks: { config: ['ok'], node: ['ok'], preload: ['ok'], sdk: ['ok', 'ok', 'ok'], exporter: ['ok'] },
      exitCode: 0,
    });
  });

  it('says that costspan is not installed or switched off', async () => {
    const app = join(folder, 'bare');
    mkdirSync(app);
    const bare = await doctor([], { cwd: app });
    expect(bare.stdout).toContain('fix: npm install @costspan/instrumentation');
    expect(bare.exitCode).toBe(1);
    const off = await doctor([], { env: { COSTSPAN_ENABLED: 'false' } });
    expect(off.stdout).toMatch(/FAIL preload +COSTSPAN_ENABLED=false/);
    expect(off.exitCode).toBe(1);
  });
});
