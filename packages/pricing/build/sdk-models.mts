// Writes test/sdk-models.json: every model id in the type unions of the newest SDKs, read from an npm folder.
// `npm install --ignore-scripts openai @anthropic-ai/sdk …` somewhere, then `node build/sdk-models.mts THAT_FOLDER`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Sdk {
  readonly provider: string;
  readonly package: string;
  /** Declaration files that hold model ids, by the end of their path. */
  readonly files: RegExp;
  /** Where the ids stand in them; default {@link UNIONS}. */
  readonly ids?: RegExp;
}

/** `type XModel = 'a' | 'b'`, `XModelId`, and `model: 'a' | 'b'`; ids have a digit or a dash. */
const UNIONS = /(?:type \w*Model(?:Id|_\d)? =|\bmodel\??:)([^;]{0,8000});/g;
/** `'gpt-5': {`, `'ministral-8b-latest': true;`: types that keep a table of their models. */
const ENTRIES = /^\s+(?:readonly )?('[^'\n]+'): (?:\{|true;|undefined;)$/gm;

const SDKS: readonly Sdk[] = [
  {
    provider: 'openai',
    package: 'openai',
    files:
      /resources\/(shared|completions|embeddings|images|videos|moderations|audio\/(audio|speech)|realtime\/realtime|live\/live|beta\/realtime\/realtime)\.d\.ts$/,
  },
  {
    provider: 'anthropic',
    package: '@anthropic-ai/sdk',
    files: /resources\/(messages\/messages|beta\/agents\/agents)\.d\.ts$/,
  },
  { provider: 'gcp.gemini', package: '@google/genai', files: /dist\/node\/node\.d\.ts$/ },
  {
    provider: 'groq',
    package: 'groq-sdk',
    files: /resources\/(chat\/completions|embeddings|audio\/\w+)\.d\.ts$/,
  },
  {
    provider: 'together',
    package: 'together-ai',
    files: /resources\/(completions|embeddings|rerank|images|audio\/\w+|chat\/completions)\.d\.ts$/,
  },
  { provider: 'perplexity', package: '@perplexity-ai/perplexity_ai', files: /dist\/generated\/api\.d\.ts$/ },
  { provider: 'openai', package: '@ai-sdk/openai', files: /dist\/index\.d\.ts$/, ids: ENTRIES },
  { provider: 'anthropic', package: '@ai-sdk/anthropic', files: /dist\/index\.d\.ts$/, ids: ENTRIES },
  { provider: 'gcp.gemini', package: '@ai-sdk/google', files: /dist\/index\.d\.ts$/, ids: ENTRIES },
  { provider: 'mistral_ai', package: '@ai-sdk/mistral', files: /dist\/index\.d\.ts$/, ids: ENTRIES },
  { provider: 'groq', package: '@ai-sdk/groq', files: /dist\/index\.d\.ts$/, ids: ENTRIES },
  { provider: 'perplexity', package: '@ai-sdk/perplexity', files: /dist\/index\.d\.ts$/ },
  { provider: 'cohere', package: '@ai-sdk/cohere', files: /dist\/index\.d\.ts$/ },
  { provider: 'deepseek', package: '@ai-sdk/deepseek', files: /dist\/index\.d\.ts$/ },
  { provider: 'x_ai', package: '@ai-sdk/xai', files: /dist\/index\.d\.ts$/ },
  {
    provider: 'aws.bedrock',
    package: '@ai-sdk/amazon-bedrock',
    files: /dist\/(anthropic\/|mantle\/)?index\.d\.ts$/,
  },
];

/** Examples in comments that look like ids. */
const NO_IDS = /^(?:\d+s|x\d|tuned-model-name|Fritz-PlayAI|20\d\d-\d\d-\d\d)$/;

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== 'src') yield* walk(path);
    else if (path.endsWith('.d.ts')) yield path;
  }
}

function readIds(folder: string, { files, ids: pattern = UNIONS }: Sdk): string[] {
  const ids = new Set<string>();
  for (const path of walk(folder)) {
    if (!files.test(path)) continue;
    for (const [, union = ''] of readFileSync(path, 'utf8').matchAll(pattern)) {
      for (const [, id = ''] of union.matchAll(/['"]([\w./:@-]*[-\d][\w./:@-]*)['"]/g))
        if (!NO_IDS.test(id)) ids.add(id);
    }
  }
  return [...ids].sort();
}

const [root = '.'] = process.argv.slice(2);
const read = SDKS.map((sdk) => {
  const { provider, package: name } = sdk;
  const folder = join(root, 'node_modules', name);
  const { version }: { version: string } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const ids = readIds(folder, sdk);
  if (ids.length === 0) throw new Error(`${name}: no model ids where they used to be`);
  return { provider, sdk: `${name}@${version}`, ids };
});
writeFileSync(new URL('../test/sdk-models.json', import.meta.url), `${JSON.stringify(read, undefined, 1)}\n`);
console.log(read.map(({ sdk, ids }) => `${sdk}: ${ids.length}`).join('\n'));
