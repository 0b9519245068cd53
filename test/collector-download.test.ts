import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { downloadCollector, downloadedPath } from './collector-download.ts';

const PROGRAM = '#!/bin/sh\necho otelcol-contrib version 9.9.9\n';

let folder: string;
let cache: string;
let archive: Buffer;
let server: Server;
let releases: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-download-'));
  writeFileSync(join(folder, 'otelcol-contrib'), PROGRAM, { mode: 0o755 });
  writeFileSync(join(folder, 'README.md'), 'beside it');
  spawnSync('tar', ['-czf', 'release.tar.gz', 'README.md', 'otelcol-contrib'], { cwd: folder });
  archive = readFileSync(join(folder, 'release.tar.gz'));
  server = createServer(({ url }, response) => {
    const isThere = url === '/v9.9.9/otelcol-contrib_9.9.9_plan9_mips.tar.gz';
    response.writeHead(isThere ? 200 : 404).end(isThere ? archive : '');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  cache = mkdtempSync(join(folder, 'cache-'));
});

const download = (sha256: Record<string, string>, version = '9.9.9') =>
  downloadCollector({ cache, releases, system: 'plan9_mips', release: { version, sha256 } });
const checksum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('downloadCollector', () => {
  it('unpacks a program whose archive has the known checksum', async () => {
    expect(await download({ plan9_mips: checksum(archive) })).toBeUndefined();
    const { stdout } = spawnSync(downloadedPath(cache, '9.9.9'), { encoding: 'utf8' });
    expect(stdout).toBe('otelcol-contrib version 9.9.9\n');
    expect(readdirSync(cache)).toEqual(['otelcol-contrib-9.9.9']);
  });

  it('uses nothing of another archive', async () => {
    const other = checksum(Buffer.from('another'));
    expect(await download({ plan9_mips: other })).toBe(
      `otelcol-contrib_9.9.9_plan9_mips.tar.gz has the SHA-256 ${checksum(archive)}, not ${other}: it is not used`,
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  it('says what is missing: the checksum, the release, the network', async () => {
    expect(await download({})).toBe('no checksum of the Collector is known for plan9_mips');
    const sha256 = { plan9_mips: checksum(archive) };
    expect(await download(sha256, '9.9.8')).toBe(
      'otelcol-contrib_9.9.8_plan9_mips.tar.gz could not be fetched: status 404',
    );
    const nobody = await downloadCollector({
      cache,
      releases: 'http://127.0.0.1:1',
      system: 'plan9_mips',
      release: { version: '9.9.9', sha256 },
    });
    expect(nobody).toMatch(
      /^otelcol-contrib_9\.9\.9_plan9_mips\.tar\.gz could not be fetched: fetch failed: /,
    );
    expect(existsSync(downloadedPath(cache, '9.9.9'))).toBe(false);
  });

  it('pins the version of the manifest', () => {
    const manifest = readFileSync(
      new URL('../collector-config/builder-config.yaml', import.meta.url),
      'utf8',
    );
    const source = readFileSync(new URL('collector-download.ts', import.meta.url), 'utf8');
    const [, version] = /^ {2}version: (\S+)$/m.exec(manifest) ?? [];
    expect(source).toContain(`version: '${version}',`);
  });
});
