/**
 * Recorded traffic of real providers, answered again byte for byte to the real SDK under the preload: what its spans
 * say is what the recordings' own figures say. One process per SDK.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Recording, readRecording, replay, type Script, type SinkSpan } from '@costspan/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, runProgram } from '../app-run.ts';
import { FIGURES } from '../recorded-figures.ts';

/** Beside the checkout on machines that have them; never part of it. */
const FOLDER = join(import.meta.dirname, '../../../../shared/recordings');
const HAS_RECORDINGS = existsSync(FOLDER);
if (!HAS_RECORDINGS) console.log('skipped: no recordings beside the checkout (../shared/recordings)');

/** Newest version of each SDK, and the recordings that it could have made. */
const SDKS = [
  { family: 'ollama', alias: 'ollama-0-6', names: /^ollama-(?:chat|generate)-(?!completions)/ },
  {
    family: 'google-genai',
    alias: 'genai-3',
    names: /^google-(?:vertex-)?(?:generateContent|embedContent|interactions)-/,
  },
  { family: 'bedrock', alias: 'bedrock-3', names: /^bedrock-(?:converse|invokeModel)-/ },
];

const readAll = (names: RegExp): Recording[] =>
  HAS_RECORDINGS
    ? readdirSync(FOLDER)
        .filter((file) => names.test(file))
        .map((file) => readRecording(join(FOLDER, file)))
    : [];

const createScript =
  (recordings: readonly Recording[]): Script =>
  (request) => {
    const id = /\/at\/recording\/([^/]+)/.exec(request.path)?.[1];
    const recording = recordings.find((one) => one.id === id);
    if (recording === undefined) throw new Error(`no recording for ${request.path}`);
    return replay(recording)(request, 1);
  };

async function runRecordings(
  family: string,
  alias: string,
  recordings: readonly Recording[],
): Promise<AppRun> {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-recordings-'));
  const file = join(folder, 'requests.json');
  writeFileSync(file, JSON.stringify(recordings.map(({ id, request }) => ({ id, request }))));
  try {
    const options = { hasPreload: true, script: createScript(recordings) };
    return await runProgram('../methods/app/recordings.cjs', [alias, family, file], options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!HAS_RECORDINGS).each(SDKS)('$family', ({ family, alias, names }) => {
  const recordings = readAll(names);
  let run: AppRun;
  beforeAll(async () => {
    run = await runRecordings(family, alias, recordings);
  });

  it('has recordings', () => {
    expect(recordings.length).toBeGreaterThan(4);
  });

  it.each(recordings.map((recording) => [recording.id, recording] as const))('%s', (id, recording) => {
    const spans = run.spans.filter(({ attributes }) => attributes['costspan.feature'] === id);
    expect(spans.length, run.stderr).toBe(1);
    const [span] = spans as [SinkSpan];
    const { expected, status } = recording;
    if (expected === undefined) {
      expect(span.attributes['gen_ai.usage.input_tokens']).toBeUndefined();
      if (status >= 400) expect(span.attributes['error.type']).toBe(String(status));
      return;
    }
    const wanted = Object.entries(FIGURES).map(([figure, key]) => [key, expected[figure] ?? undefined]);
    expect(wanted.map(([key]) => [key, span.attributes[String(key)]])).toEqual(wanted);
    expect(span.attributes['costspan.usage.status']).toBe('complete');
  });
});
