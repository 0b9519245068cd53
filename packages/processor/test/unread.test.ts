import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ATTR, CONTENT_ATTRIBUTES } from '@costspan/semconv';
import { expect, it } from 'vitest';
import { UNREAD_ATTRIBUTES } from '../src/receive/unread.ts';

const PACKAGES = join(import.meta.dirname, '..', '..');
/** All code that sees what was decoded; the list itself and what it is made a selection with ask for nothing. */
const READERS = ['aggregate', 'budgets', 'config', 'processor'];
const NO_READERS = ['receive/unread.ts', 'receive/spans.ts'];

function readSources(): string {
  const texts = READERS.flatMap((name) => {
    const folder = join(PACKAGES, name, 'src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => file.endsWith('.ts') && !NO_READERS.includes(file))
      .map((file) => readFileSync(join(folder, file), 'utf8'));
  });
  return texts.join('\n');
}

it('what is passed over is what no code asks for, no more and no less', () => {
  const asked = new Set([...readSources().matchAll(/\bATTR\.(\w+)/g)].map(([, key]) => key));
  const unread = Object.entries(ATTR).flatMap(([key, name]) =>
    asked.has(key) || CONTENT_ATTRIBUTES.includes(name) ? [] : [name],
  );
  expect([...UNREAD_ATTRIBUTES].sort()).toEqual(unread.sort());
});
