/** What docs/deploy.md hands to a systemd and to a Prometheus that are there already. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, startProcess, TEST_LIMIT_MS } from '@costspan/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../contract/packages.ts';
import { requirePart, suffixOf } from '../real-parts.ts';

const promtool = requirePart('promtool');
const COSTSPAN = join(ROOT, 'packages', 'cli', 'bin', 'costspan.js');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-deploy-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the unit of systemd', () => {
  const unit = readFileSync(join(ROOT, 'collector-config/deploy/costspan-processor.service'), 'utf8');
  const settings = new Map(
    [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key!, value!] as const),
  );

  it('starts the processor on its own folder, and what ends it is what systemd sends', async () => {
    const state = settings.get('StateDirectory')!;
    writeFileSync(join(folder, 'costspan.yaml'), '');
    const [node, script, ...args] = settings
      .get('ExecStart')!
      .replace('/etc/costspan', folder)
      .replace('%S', folder)
      .split(' ');
    expect([node, script]).toEqual(['/usr/bin/node', '/opt/costspan/node_modules/costspan/bin/costspan.js']);
    const doors = ['--otlp-http', '--otlp-grpc', '--metrics'].flatMap((door) => [door, '127.0.0.1:0']);
    const processor = startProcess(process.execPath, [COSTSPAN, ...args, ...doors], {
      timeoutMs: TEST_LIMIT_MS,
    });
    await processor.waitForEvent('ready');
    expect(readdirSync(join(folder, state))).toContain('ledger.db');
    const { exitCode, stderr } = await processor.stop({ signal: 'SIGTERM' });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('is not started again where only the operator can mend it', async () => {
    writeFileSync(join(folder, 'costspan.yaml'), 'budget: []\n');
    const args = ['processor', '--config', join(folder, 'costspan.yaml')];
    const { exitCode } = await run(process.execPath, [COSTSPAN, ...args]);
    expect(String(exitCode)).toBe(settings.get('RestartPreventExitStatus'));
  });
});

describe.skipIf(promtool.path === undefined)(`a Prometheus that is there${suffixOf(promtool)}`, () => {
  it('takes the lines of docs/deploy.md, with the rules that costspan writes', async () => {
    const page = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
    const config = join(folder, 'prometheus.yml');
    writeFileSync(config, /```yaml\n(# prometheus\.yml\n.*?)```/s.exec(page)![1]!);
    const rules = join(folder, 'costspan.rules.yml');
    await run(process.execPath, [COSTSPAN, 'rules', '--out', rules], { cwd: folder });
    const { exitCode, stdout, stderr } = await run(promtool.path!, ['check', 'config', config]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
  });
});
