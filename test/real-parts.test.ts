import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { requirePart, suffixOf } from './real-parts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-parts-'));
  vi.stubEnv('PATH', folder);
  vi.stubEnv('CI', undefined);
  vi.spyOn(console, 'warn').mockReturnValue(undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe('requirePart', () => {
  const reason = 'promtool is not on PATH. Install it: apt-get install prometheus';

  it('finds a program on PATH', () => {
    const path = join(folder, 'promtool');
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
    vi.stubEnv('CI', 'true');
    expect(requirePart('promtool')).toEqual({ path });
    expect(suffixOf(requirePart('promtool'))).toBe('');
  });

  it('gives and prints the reason to skip with, and the command that installs it', () => {
    writeFileSync(join(folder, 'promtool'), 'not executable');
    const part = requirePart('promtool');
    expect(part).toEqual({ skipReason: reason });
    expect(suffixOf(part)).toBe(` (skipped: ${reason})`);
    expect(console.warn).toHaveBeenCalledWith(`skipped: ${reason}`);
  });

  it('fails the run with CI=true', () => {
    vi.stubEnv('CI', 'true');
    expect(() => requirePart('promtool')).toThrow(`${reason} (with CI=true a missing part fails the run)`);
  });
});
