import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPricer, picoUsdToUsdText } from '@costspan/pricing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prices } from '../src/verbs/prices.ts';

const bin = fileURLToPath(new URL('../bin/costspan.js', import.meta.url));
let folder: string;
const file = (name: string): string => join(folder, name);
const HOUSE = { name: 'house', source: 'ours', checked: '2026-11-01', ids: { suffixes: [] } };
const table = (input: number, version = 'v1'): string =>
  JSON.stringify({
    format: 'costspan-prices/1',
    version,
    cards: [{ ...HOUSE, models: [{ id: 'house-1', rates: [{ rates: { input, output: 4_000_000 } }] }] }],
    providers: { house: ['house'] },
  });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-price-'));
  writeFileSync(file('costspan.yaml'), 'prices: { table: ./prices.json }\n');
  writeFileSync(file('prices.json'), table(2_000_000));
  const overrides = 'prices: { overrides: [ { model: house, input: 2, output: 4, cache_read: 0.5 } ] }\n';
  writeFileSync(file('prices.yaml'), overrides);
});
afterAll(() => rmSync(folder, { recursive: true }));

function costspan(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 300_000,
    env: { PATH: process.env.PATH },
  });
  return { status, stdout, stderr };
}

const failed = (status: number, message: string, fix: string) => ({
  status,
  stdout: '',
  stderr: `costspan: ${message}\n  fix: ${fix}\n`,
});

describe('costspan price', () => {
  it('prints rates of the config and the exact parts of a call', () => {
    const args = ['--config', 'prices.yaml', '--provider', 'openai'];
    const { status, stdout } = costspan(
      'price',
      'house',
      '--input',
      '1000',
      '--cached',
      '400',
      '--output',
      '10',
      ...args,
    );
    expect(status).toBe(0);
    expect(stdout).toContain('house (openai, standard)\nUSD per million tokens\n');
    expect(stdout).toMatch(/ {2}input {2,}2\n/);
    // 600 × 2, 400 × 0.5 and 10 × 4 millionths.
    expect(stdout.split('\n\n')[1]).toBe(
      [
        'USD of one call',
        '  input        600 × 2   0.0012',
        '  cacheRead  400 × 0.5   0.0002',
        '  output        10 × 4  0.00004',
        '  total                 0.00144',
        '',
      ].join('\n'),
    );
  });

  it('finds the provider, and agrees with the pricer for a mode and a day', () => {
    const query = { model: 'claude-sonnet-4-5', atMs: Date.parse('2026-03-01'), mode: 'batch' } as const;
    const cost = createPricer().price(
      { inputTokens: 12_345, outputTokens: 678 },
      { ...query, provider: 'anthropic' },
    );
    if (cost.status === 'unpriced') throw new Error(cost.reason);
    const args = ['--input', '12345', '--output', '678', '--mode', 'batch', '--at', '2026-03-01'];
    const { stdout } = costspan('price', query.model, ...args);
    expect(stdout).toMatch(/^claude-sonnet-4-5 \(anthropic, batch/);
    expect(/ {2}total +(\S+)\n$/.exec(stdout)?.[1]).toBe(picoUsdToUsdText(BigInt(cost.amountPicoUsd)));
  });

  it('never says 0 for a model that it does not know', () => {
    expect(costspan('price', 'no-such-model')).toEqual(
      failed(
        1,
        'no price for no-such-model of any provider, standard: unknown_model',
        'name another model, --provider or --mode; for a deployment or alias set prices.models in costspan.yaml, for a model of your own prices.overrides',
      ),
    );
  });

  it('names a provider that knows the model, where none has a price for the mode', () => {
    expect(costspan('price', 'command-r-08-2024', '--mode', 'flex').stderr).toContain(
      'no price for command-r-08-2024 of cohere, flex: no_rate_for_mode',
    );
  });

  it.each([
    [['--input', '12k'], '--input 12k is not a whole number of tokens', 'write for example --input 12000'],
    [
      ['--input', '9', '--top', '5'],
      '--top says nothing without --compare',
      'usage: costspan price MODEL [--provider P] [--input N] [--cached N] [--output N] [--mode M] [--at DATE] [--config FILE]',
    ],
    [['--cached', '5'], '--cached needs --input, of which it is a part', 'add --input N, all input tokens'],
    [
      ['--mode', 'slow'],
      '--mode slow is none',
      'write one of standard, batch, flex, priority, fast, provisioned',
    ],
    [
      ['--at', '2026-02-30'],
      '--at 2026-02-30 is not a date',
      'write for example --at 2026-03-01 or --at 2026-03-01T12:00Z',
    ],
    [
      ['--at', 'yesterday'],
      '--at yesterday is not a date',
      'write for example --at 2026-03-01 or --at 2026-03-01T12:00Z',
    ],
  ])('%j says how to repair it', (args, message, fix) => {
    expect(costspan('price', 'gpt-5', ...args)).toEqual(failed(2, message, fix));
  });

  it('refuses more cached than input tokens', () => {
    const { status, stderr } = costspan('price', 'gpt-5', '--input', '5', '--cached', '6');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        'costspan: the call has no price: invalid_usage, cacheReadInputTokens + cacheWriteInputTokens is 6, inputTokens 5: what is cached is part of the input\n  fix: counts are whole, and --cached and --cache-write count tokens of --input, so they cannot be more\n',
    });
  });

  it('says parts, rates, source and date, in a mode and on a day', () => {
    const args = ['--input', '12000', '--cached', '8000', '--output', '900', '--mode', 'batch'];
    const { stdout } = costspan('price', 'gpt-5', ...args, '--at', '2026-03-01', '--per-month', '300000');
    const [head, parts, month] = stdout.split('\n\n');
    expect(head).toMatch(/^gpt-5 \(openai, batch\)\nUSD per million tokens\n/);
    expect(head).toMatch(/; checked \d{4}-\d{2}-\d{2}$/);
    expect(parts?.split('\n')).toEqual([
      'USD of one call',
      '  input       4000 × 0.625  0.0025',
      '  cacheRead  8000 × 0.0625  0.0005',
      '  output           900 × 5  0.0045',
      '  total                     0.0075',
    ]);
    expect(month).toBe('USD of 300000 such calls a month\n  total  2250\n');
  });

  it('prices images, searches and writes for an hour', () => {
    expect(
      costspan('price', 'dall-e-3', '--unit', 'output_image=2', '--variant', 'hd 1024x1024').stdout,
    ).toContain('  output  2 × 0.08  0.16\n');
    const claude = [
      'price',
      'claude-sonnet-4-5',
      '--input',
      '1000',
      '--cache-write-1h',
      '400',
      '--output',
      '0',
    ];
    expect(costspan(...claude, '--tool', 'web_search=3').stdout.split('\n\n')[1]).toBe(
      [
        'USD of one call',
        '  input        600 × 3  0.0018',
        '  cacheWrite   400 × 6  0.0024',
        '  tools       3 × 0.01    0.03',
        '  total                 0.0342',
        '',
      ].join('\n'),
    );
  });

  it('ranks what could take the same call, the cheapest first, the asked one marked', () => {
    const { stdout } = costspan(
      'price',
      'gpt-5',
      '--input',
      '1000',
      '--output',
      '100',
      '--compare',
      '--top',
      '5',
    );
    const rows = (stdout.split('\n\n')[2] ?? '').split('\n').filter((line) => /^ {2}[ *] +\d+\./.test(line));
    expect(rows).toHaveLength(6);
    const usd = rows.map((row) => Number(/\)\s+(\S+)/.exec(row)?.[1]));
    expect(usd).toEqual([...usd].sort((a, b) => a - b));
    expect(rows.at(-1)).toMatch(/^ {2}\* \d+\. gpt-5 \(openai\) +0.00225 +× 1.00$/);
    // The names stand in one column, however long their ranks are.
    expect(new Set(rows.map((row) => row.indexOf('. '))).size).toBe(1);
  });

  it('compares with nothing that takes tokens and gives no answer, however it is spelt', () => {
    const { stdout } = costspan(
      ...['price', 'gpt-5', '--input', '900', '--output', '9', '--compare', '--top', '9999'],
    );
    const models = [...stdout.matchAll(/^ {2}[ *] +\d+\. (\S+) \(/gm)].map(([, model]) => model);
    expect(models.length).toBeGreaterThan(1_000);
    expect(models.filter((model) => /embed|tts|whisper|guard|moderation|ocr|bge-/i.test(model!))).toEqual([]);
  });

  it('lists the rates that nobody has checked for so long', () => {
    const all = costspan('price', '--stale', '0d').stdout.split('\n');
    expect(all[0]).toMatch(/^\d{4} of \d{4} models were last checked more than 0 days ago$/);
    expect(costspan('price', '--stale', '0d', '--provider', 'house').stdout).toMatch(
      /^1 of 1 models .*\n {2}house house-1 {2}\d+ days, 2026-11-01 {2}ours\n$/,
    );
    expect(costspan('price', '--stale', '36500d').stdout).toMatch(/^0 of \d+ models/);
    expect(costspan('price', '--stale', 'old').stderr).toContain('--stale old is not a number of days');
  });

  it('takes the table that the config names', () => {
    const { stdout } = costspan(
      'price',
      'house-1',
      '--provider',
      'house',
      '--input',
      '1000',
      '--output',
      '0',
    );
    expect(stdout).toContain('price table v1; ours; checked 2026-11-01');
    expect(stdout).toContain('  input  1000 × 2  0.002\n');
  });
});

describe('costspan prices', () => {
  it('shows what a table changes and writes only when told to', () => {
    writeFileSync(file('new.json'), table(3_000_000, 'v2'));
    const shown = costspan('prices', 'update', 'new.json');
    expect(shown.stdout).toBe(
      [
        '~ house house-1',
        '    input: 2 → 3',
        '  ! a rate of the past is rewritten: append a dated one instead',
        '0 models added, 1 changed, 0 removed; 1 to look at',
        'nothing was written; --write writes it',
        '',
      ].join('\n'),
    );
    const before = readFileSync(file('prices.json'), 'utf8');
    expect(costspan('prices', 'update', 'new.json', '--write')).toMatchObject({
      status: 1,
      stderr:
        'costspan: something is marked with !, so nothing was written\n  fix: mend the table, or add --accept when it is right\n',
    });
    expect(readFileSync(file('prices.json'), 'utf8')).toBe(before);
    expect(costspan('prices', 'update', 'new.json', '--write', '--accept')).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(costspan('price', 'house-1', '--provider', 'house').stdout).toContain('price table v2');
  });

  it('refuses what is no table, and a URL that anybody could change', () => {
    writeFileSync(file('bad.json'), table(-1));
    expect(costspan('prices', 'update', 'bad.json', '--write')).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'costspan: bad.json is no price table:\n  cards[0].models[0].rates[0].rates.input: -1: must be a whole number from 0 to 2^53 - 1\n  fix: mend these; costspan prices export shows what one looks like\n',
    });
    expect(costspan('prices', 'update', 'http://example.invalid/prices.json').stderr).toContain(
      'is not https',
    );
    expect(costspan('prices', 'update', 'none.json').stderr).toContain('none.json cannot be read (ENOENT)');
  });

  it('writes through a link to its file, and to a pipe', () => {
    writeFileSync(file('linked.json'), '');
    symlinkSync(file('linked.json'), file('link.json'));
    expect(costspan('prices', 'export', '--out', 'link.json').status).toBe(0);
    expect(lstatSync(file('link.json')).isSymbolicLink()).toBe(true);
    spawnSync('mkfifo', [file('pipe')]);
    // Open for both, so that the writer finds a reader; a pipe holds 64 KiB, a table of one card far less.
    const reader = openSync(file('pipe'), constants.O_RDWR);
    writeFileSync(file('small.json'), table(1_000_000));
    const args = ['prices', 'update', 'small.json', '--write', '--accept', '--out', 'pipe'];
    expect(costspan(...args).status).toBe(0);
    const bytes = Buffer.alloc(65_536);
    expect(JSON.parse(bytes.toString('utf8', 0, readSync(reader, bytes)))).toMatchObject({ version: 'v1' });
    closeSync(reader);
    expect(statSync(file('pipe')).isFIFO()).toBe(true);
    expect(readFileSync(file('linked.json'), 'utf8')).toMatch(/^\{"format":"costspan-prices\/1"/);
  });

  it('exports the prices in force as a table that it takes back without a change', () => {
    expect(costspan('prices', 'export', '--out', 'all.json')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(costspan('prices', 'export', '--write').stderr).toContain('--write says nothing to export');
    expect(costspan('prices', 'update', 'all.json').stdout).toMatch(
      /^0 models added, 0 changed, 0 removed; 0/,
    );
  });

  it('takes a table from a URL', async () => {
    const server = createServer((_request, response) => response.end(table(2_500_000, 'v3')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const written: string[] = [];
    const stdout = { write: (text: string) => written.push(text) } as unknown as NodeJS.WritableStream;
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prices.json`;
      const args = ['update', url, '--config', file('costspan.yaml')];
      expect(await prices.run(args, { stdout, stderr: stdout, env: {} })).toBe(0);
      expect(written.join('')).toContain('~ house house-1\n    input: ');
    } finally {
      server.close();
    }
  });
});
