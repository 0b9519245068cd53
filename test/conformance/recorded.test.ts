/**
 * Recorded traffic of real providers, answered again to an application that asks for it with the newest SDKs, and
 * without any: the spans say what the recordings say, whichever way it was asked and however its bytes came.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Recording, readRecording, type Script, type SinkSpan } from '@costspan/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, runProgram } from './app-run.ts';
import { DELIVERIES, type Delivered, NONSENSE } from './recorded-deliveries.ts';
import { FIGURES } from './recorded-figures.ts';

/** Beside the checkout on machines that have them; never part of it. */
const FOLDER = join(import.meta.dirname, '../../../shared/recordings');
const HAS_RECORDINGS = existsSync(FOLDER);
if (!HAS_RECORDINGS) console.log('skipped: no recordings beside the checkout (../shared/recordings)');

/** What is fetched of batches and kept answers has tests of its own: it is counted where it was asked for, and once. */
const IS_KEPT = /-(?:batches-(?:results|retrieve)|files-content|responses-retrieve)-/;
const RECORDINGS: readonly Recording[] = HAS_RECORDINGS
  ? readdirSync(FOLDER)
      .filter((file) => /-[0-9a-f]{10}\.json$/.test(file) && !IS_KEPT.test(file))
      .map((file) => readRecording(join(FOLDER, file)))
  : [];

/** Whichever host it speaks to. Its SDK throws away the chunk of OpenRouter that tells of an error, and of usage. */
const OPENAI =
  /^(?!anthropic|bedrock-(?!mantle)|cohere|openrouter-(?:images|chat-completions-stream-minimax))[\w-]+-(?:chat-completions|completions|responses|embeddings|images-(?:edits|generations)|responses-compact)-|^openai-audio-/;
const EVERY = Object.keys(DELIVERIES);
/** An SDK reads what its platform has decoded. */
const DECODED = EVERY.filter((delivery) => !/gzip|deflate|br|zstd/.test(delivery));
/** Some SDKs refuse what is not in their own form. */
const STRICT = DECODED.filter((delivery) => !/null|plain/.test(delivery));
const WAYS: readonly (readonly [way: string, ids: RegExp, deliveries: readonly string[]])[] = [
  ['fetch', /./, EVERY],
  ['http', /./, ['as it came', 'in small pieces', 'gzip']],
  ['openai-7', OPENAI, DECODED],
  ['groq-1', /^groq-/, ['as it came']],
  ['anthropic-1', /^anthropic-/, DECODED],
  ['mistral-2', /^mistral-/, STRICT],
  ['cohere-8', /^cohere-(?!v1-generate)/, STRICT.filter((delivery) => !/CR$|lines/.test(delivery))],
  ['openrouter-1', /^openrouter-(?!images)/, STRICT],
  ['voyage-0-4', /^voyage-/, ['as it came']],
];

interface Asked {
  readonly key: string;
  readonly way: string;
  readonly recording: Recording;
  readonly delivered: Delivered;
}
interface Group {
  readonly name: string;
  readonly asked: readonly Asked[];
}

const groupsOf =
  (deliveries: typeof DELIVERIES) =>
  ([way, ids, names]: (typeof WAYS)[number]): Group[] =>
    names.map((delivery) => {
      const name = `${way}, ${delivery}`;
      const asked = RECORDINGS.filter(({ id }) => ids.test(id)).flatMap((recording) => {
        const delivered = deliveries[delivery]!(recording);
        return delivered === undefined
          ? []
          : [{ key: `${name}: ${recording.id}`, way, recording, delivered }];
      });
      return { name, asked };
    });

const GROUPS = WAYS.flatMap(groupsOf(DELIVERIES));
/** No frames: their checksums would not fit. */
const NONSENSE_GROUPS = groupsOf(NONSENSE)(['fetch', /^(?!bedrock-\w+-stream)/, Object.keys(NONSENSE)]);
const ASKED = [...GROUPS, ...NONSENSE_GROUPS].flatMap(({ asked }) => asked);

/** What of a recording the application asks with; of Ollama on one's own machine the port would be another. */
function describeRequest({ key, way, recording: { request, endpoint, isStream } }: Asked) {
  const body = isStream ? { ...(request.body as object), stream: true } : request.body;
  const host = request.host.startsWith('127.') ? 'ollama.com' : request.host;
  return { key, way, request: { ...request, body, host, isForm: /audio|images\.edits/.test(endpoint) } };
}

async function askAll(): Promise<AppRun> {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-recorded-'));
  const file = join(folder, 'requests.json');
  writeFileSync(file, JSON.stringify(ASKED.map(describeRequest)));
  const answers = new Map(
    ASKED.map(({ key, recording: { status }, delivered }) => [key, { ...delivered, status }]),
  );
  const script: Script = ({ headers, path }) => {
    const key = headers['x-recording'] ?? decodeURIComponent(/^\/at\/([^/]+)/.exec(path)?.[1] ?? '');
    return { kind: 'bytes', ...answers.get(key)! };
  };
  try {
    return await runProgram('recorded.cjs', [file], { hasPreload: true, script });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where the recording's own sums leave out what its total has, or what is billed by the second. */
const RECOUNTED: Readonly<Record<string, object>> = {
  'google-chat-completions-gemini-2-5-pro-preview-05-06-07c4fda80d': { outputTotal: 34, reasoning: 28 },
  'mistral-audio-transcriptions-voxtral-mini-latest-241b3b8d15': {
    inputTotal: null,
    outputTotal: null,
    cacheRead: null,
  },
};

/** What the span of a recording has to say: an answer that went wrong may tell usage or none. */
function state({ id, expected, status }: Recording) {
  const recounted = { ...expected, ...RECOUNTED[id] } as Readonly<Record<string, unknown>>;
  const figures = Object.keys(FIGURES).map((figure) => [figure, recounted[figure] ?? null]);
  const error = status >= 400 ? String(status) : null;
  return { ...Object.fromEntries(figures), isComplete: expected !== undefined, error };
}

function read({ attributes }: SinkSpan, { status }: Recording) {
  const figures = Object.entries(FIGURES).map(([figure, name]) => [figure, attributes[name] ?? null]);
  const isComplete = attributes['costspan.usage.status'] === 'complete';
  const error = status >= 400 ? attributes['error.type'] : null;
  return { ...Object.fromEntries(figures), isComplete, error };
}

const usdOf = (span: SinkSpan | undefined): unknown => span?.attributes['gen_ai.usage.cost.amount'];

describe.skipIf(!HAS_RECORDINGS)('recorded exchanges', () => {
  const spans = new Map<unknown, SinkSpan[]>();
  const spanOf = (key: string): SinkSpan | undefined => spans.get(key)?.[0];
  beforeAll(async () => {
    for (const span of (await askAll()).spans) {
      const key = span.attributes['costspan.feature'];
      spans.set(key, [...(spans.get(key) ?? []), span]);
    }
  });

  it('are found', () => {
    expect(RECORDINGS.length).toBeGreaterThan(150);
  });

  it.each(GROUPS.map((group) => [group.name, group] as const))('%s', (_name, { asked }) => {
    expect(asked.length).toBeGreaterThan(0);
    const told = asked.map(({ key, recording }) => [
      key,
      ...(spans.get(key) ?? []).map((span) => read(span, recording)),
    ]);
    expect(told).toEqual(asked.map(({ key, recording }) => [key, state(recording)]));
    const plain = asked.map(({ recording: { id } }) => [id, usdOf(spanOf(`fetch, as it came: ${id}`))]);
    expect(asked.map(({ key, recording: { id } }) => [id, usdOf(spanOf(key))])).toEqual(plain);
  });

  it.each(NONSENSE_GROUPS.map((group) => [group.name, group] as const))('%s', (_name, { asked }) => {
    for (const { key } of asked) {
      const told = spans.get(key) ?? [];
      expect([key, told.length]).toEqual([key, 1]);
      const figures = Object.entries(told[0]!.attributes).filter(([name]) => /usage|cost\./.test(name));
      const wrong = figures.filter(([, value]) => typeof value === 'number' && !(value >= 0 && value < 1e9));
      expect([key, ...wrong]).toEqual([key]);
    }
  });
});
