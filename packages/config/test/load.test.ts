import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONFIG_ERROR_CODES,
  DEFAULT_CONFIG,
  loadConfig,
  parseConfig,
  renderConfigErrors,
} from '@costspan/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderConfigSchema } from '../src/json-schema.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-config-'));
  writeFileSync(join(folder, 'costspan.yaml'), 'tenants: { top: 3 }');
  writeFileSync(join(folder, 'other.yaml'), 'tenants: { top: 4 }');
});
afterAll(() => rmSync(folder, { recursive: true }));

const withTop = (top: number) => ({ ...DEFAULT_CONFIG, tenants: { allow: [], top } });

describe('loadConfig', () => {
  it('takes the named file before the one of the environment', () => {
    const path = join(folder, 'other.yaml');
    const env = { COSTSPAN_CONFIG: join(folder, 'costspan.yaml') };
    expect(loadConfig({ path, env })).toEqual({ config: withTop(4), path });
    expect(loadConfig({ env })).toEqual({ config: withTop(3), path: env.COSTSPAN_CONFIG });
  });

  it('reports a named file that is not there', () => {
    const result = loadConfig({ path: 'no-such.yaml', env: {} });
    expect(renderConfigErrors(result.errors ?? [])).toBe(
      'no-such.yaml COSTSPAN_CONFIG_UNREADABLE no-such.yaml cannot be read (ENOENT)\n  fix: create the file or name another one',
    );
  });

  it('says that the environment named it', () => {
    const result = loadConfig({ env: { COSTSPAN_CONFIG: folder } });
    expect(renderConfigErrors(result.errors ?? [])).toBe(
      `${folder} COSTSPAN_CONFIG_UNREADABLE COSTSPAN_CONFIG names ${folder}, which cannot be read (EISDIR)\n  fix: make it a file that this user may read`,
    );
  });

  it('reads and checks the price table that the file names, beside the file', () => {
    const path = join(folder, 'tabled.yaml');
    writeFileSync(path, 'prices: { table: ./prices.json }');
    const file = join(folder, 'prices.json');
    const render = () => renderConfigErrors(loadConfig({ path, env: {} }).errors ?? []);
    rmSync(file, { force: true });
    expect(render()).toBe(
      `${file} COSTSPAN_CONFIG_PRICE_TABLE prices.table names it, and it cannot be read (ENOENT)\n  fix: create it with costspan prices export --out FILE, or remove prices.table`,
    );
    writeFileSync(file, '{"format":"costspan-prices/1","version":"7","cards":[{}]}');
    expect(render()).toContain(`${file} COSTSPAN_CONFIG_PRICE_TABLE cards[0].name: missing: must be there`);
    writeFileSync(file, '{"format":"costspan-prices/1","version":"7","cards":[]}');
    expect(loadConfig({ path, env: {} }).config?.prices).toMatchObject({
      tablePath: './prices.json',
      table: { version: '7', cards: [] },
    });
  });

  /** In a process of its own: what the working directory holds, and whether the YAML parser was loaded. */
  function loadIn(cwd: string): unknown {
    const index = JSON.stringify(join(import.meta.dirname, '..', 'dist', 'index.js'));
    const script = `const { loadConfig } = require(${index});
      const { config, path } = loadConfig({ env: {} });
      const hasParser = Object.keys(require.cache).some((file) => /node_modules.yaml.|costspan-yaml/.test(file));
      console.log(JSON.stringify({ top: config.tenants.top, path, hasParser }));`;
    return JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd, encoding: 'utf8' }));
  }

  it('reads ./costspan.yaml when it is there, and without one never loads a parser', () => {
    expect(loadIn(folder)).toEqual({ top: 3, path: './costspan.yaml', hasParser: true });
    expect(loadIn(import.meta.dirname)).toEqual({ top: 20, hasParser: false });
  });
});

describe('generated and documented', () => {
  const root = join(import.meta.dirname, '..', '..', '..');

  it('has a current JSON Schema', () => {
    const checkedIn = readFileSync(join(root, 'packages/config/costspan.schema.json'), 'utf8');
    expect(checkedIn).toBe(renderConfigSchema());
  });

  it('shows an example that parses, with the default outcome rules', () => {
    const page = readFileSync(join(root, 'docs/config.md'), 'utf8');
    const example = /```yaml\n([^`]*)```/.exec(page)?.[1] ?? '';
    const { config, errors } = parseConfig(example, { path: 'docs/config.md' });
    expect(errors).toBeUndefined();
    expect(config?.tasks).toEqual(DEFAULT_CONFIG.tasks);
    expect(config?.features).toEqual(DEFAULT_CONFIG.features);
  });

  it('documents every error code, and no other', () => {
    const page = readFileSync(join(root, 'docs/config.md'), 'utf8');
    const documented = [...page.matchAll(/^\| *`(COSTSPAN_CONFIG_\w+)` *\| *(.*?) *\|$/gm)].map(
      ([, code, meaning]) => [code, meaning],
    );
    expect(documented).toEqual(Object.entries(CONFIG_ERROR_CODES));
  });
});
