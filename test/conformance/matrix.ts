/** What is proven to work, as data: SDK version × endpoint × module format × Node, filled by the runs that prove it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** SDKs of one kind, named by the provider that they call. */
export const FAMILIES = [
  'openai',
  'anthropic',
  'groq',
  'together',
  'cerebras',
  'perplexity',
  'sambanova',
  'writer',
] as const;
export type Family = (typeof FAMILIES)[number];
export type Format = 'cjs' | 'esm';

/** One SDK version under test; `alias` is its folder in node_modules. */
export interface Sdk {
  readonly alias: string;
  readonly family: Family;
  readonly package: string;
  readonly version: string;
  /** From 0.134 on Anthropic's SDK starts spans of its own. */
  readonly hasOwnSpans?: true;
  /** Early majors bring node-fetch instead of using Node's own. */
  readonly hasNodeFetch?: true;
  /** OpenAI's wire in another client of the same make: what differs from Node to Node is proven by the openai package. */
  readonly isCompatible?: true;
  /** Only what was refused for its rate is tried again, not what failed. */
  readonly isFailureFinal?: true;
  /** Scenarios in which this version gives no stream to who asks for one: only what the application sees is proven. */
  readonly readsWhole?: RegExp;
  /** Where it cannot be loaded both ways. */
  readonly formats?: readonly Format[];
}

const openai = (alias: string, version: string, more: Partial<Sdk> = {}): Sdk => ({
  alias,
  family: 'openai',
  package: 'openai',
  version,
  ...more,
});
const anthropic = (alias: string, version: string, more: Partial<Sdk> = {}): Sdk => ({
  alias,
  family: 'anthropic',
  package: '@anthropic-ai/sdk',
  version,
  ...more,
});

const compatible = (family: Family, alias: string, [name, version]: readonly [string, string]): Sdk => ({
  alias,
  family,
  package: name,
  version,
  isCompatible: true,
});

/** Every SDK version in the conformance runs; a new one is a line here and an alias in test/package.json. */
export const SDKS: readonly Sdk[] = [
  openai('openai-4-13', '4.13.0', { hasNodeFetch: true, readsWhole: /^audio\.transcriptions\/stream-/ }),
  openai('openai-4', '4.104.0', { hasNodeFetch: true }),
  openai('openai-5', '5.23.2'),
  openai('openai-6', '6.49.0'),
  openai('openai-7', '7.59.0'),
  anthropic('anthropic-0-20', '0.20.0', { hasNodeFetch: true }),
  anthropic('anthropic-0-30', '0.30.1', { hasNodeFetch: true }),
  anthropic('anthropic-0-110', '0.110.0'),
  anthropic('anthropic-0-134', '0.134.0', { hasOwnSpans: true }),
  anthropic('anthropic-0', '0.137.0', { hasOwnSpans: true }),
  anthropic('anthropic-1', '1.14.0', { hasOwnSpans: true }),
  { ...compatible('groq', 'groq-0', ['groq-sdk', '0.3.0']), hasNodeFetch: true },
  compatible('groq', 'groq-1', ['groq-sdk', '1.6.0']),
  { ...compatible('together', 'together-0-6', ['together-ai', '0.6.0']), hasNodeFetch: true },
  { ...compatible('together', 'together-0', ['together-ai', '0.52.0']), isFailureFinal: true },
  {
    ...compatible('cerebras', 'cerebras-1-6', ['@cerebras/cerebras_cloud_sdk', '1.6.0']),
    hasNodeFetch: true,
  },
  { ...compatible('cerebras', 'cerebras-1', ['@cerebras/cerebras_cloud_sdk', '1.91.0']), hasNodeFetch: true },
  compatible('perplexity', 'perplexity-0-11', ['@perplexity-ai/perplexity_ai', '0.11.0']),
  {
    ...compatible('perplexity', 'perplexity-0', ['@perplexity-ai/perplexity_ai', '0.38.5']),
    formats: ['esm'],
  },
  compatible('sambanova', 'sambanova-1-3', ['sambanova', '1.3.1']),
  compatible('sambanova', 'sambanova-1', ['sambanova', '1.4.0']),
  compatible('writer', 'writer-2', ['writer-sdk', '2.3.2']),
];
export const FORMATS: readonly Format[] = ['cjs', 'esm'];

/** Columns of the matrix, in the order of the README; `only` names the family that has it. */
export const ENDPOINTS: readonly { readonly name: string; readonly only: Family }[] = [
  { name: 'chat.completions', only: 'openai' },
  { name: 'responses', only: 'openai' },
  { name: 'completions', only: 'openai' },
  { name: 'embeddings', only: 'openai' },
  { name: 'images.generate', only: 'openai' },
  { name: 'images.edit', only: 'openai' },
  { name: 'images.createVariation', only: 'openai' },
  { name: 'audio.transcriptions', only: 'openai' },
  { name: 'audio.translations', only: 'openai' },
  { name: 'audio.speech', only: 'openai' },
  { name: 'batches', only: 'openai' },
  { name: 'moderations', only: 'openai' },
  { name: 'responses.input_tokens', only: 'openai' },
  { name: 'messages', only: 'anthropic' },
  { name: 'beta.messages', only: 'anthropic' },
  { name: 'messages.count_tokens', only: 'anthropic' },
  { name: 'messages.batches', only: 'anthropic' },
  { name: 'completions', only: 'anthropic' },
  ...FAMILIES.slice(2).map((only) => ({ name: 'chat.completions', only })),
  { name: 'completions', only: 'together' },
  { name: 'completions', only: 'cerebras' },
  ...(['together', 'groq', 'perplexity'] as const).map((only) => ({ name: 'embeddings', only })),
  { name: 'images.generate', only: 'together' },
  ...(['groq', 'together', 'sambanova'] as const).flatMap((only) => [
    { name: 'audio.transcriptions', only },
    { name: 'audio.translations', only },
  ]),
  ...(['groq', 'together'] as const).flatMap((only) => [
    { name: 'audio.speech', only },
    { name: 'batches', only },
  ]),
];

/** One cell: how many scenarios were proven and how many failed; `absent` says why there is nothing to prove. */
export interface Cell {
  readonly sdk: string;
  readonly version: string;
  readonly endpoint: string;
  readonly format: Format;
  readonly node: string;
  passed: number;
  failed: number;
  absent?: string;
}

/** Collects the cells of one test run. */
export class Matrix {
  readonly #cells = new Map<string, Cell>();

  /** Runs the proof of one scenario and counts it in its cell. */
  prove(at: { sdk: Sdk; endpoint: string; format: Format; node: string }, proof: () => void): void {
    const cell = this.#cell(at);
    try {
      proof();
      cell.passed += 1;
    } catch (error) {
      cell.failed += 1;
      throw error;
    }
  }

  /** The SDK version has nothing there. */
  markAbsent(at: { sdk: Sdk; endpoint: string; format: Format; node: string }, why: string): void {
    this.#cell(at).absent = why;
  }

  get cells(): readonly Cell[] {
    return [...this.#cells.values()];
  }

  #cell({ sdk, endpoint, format, node }: { sdk: Sdk; endpoint: string; format: Format; node: string }): Cell {
    const key = [sdk.alias, endpoint, format, node].join(' ');
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = { sdk: sdk.package, version: sdk.version, endpoint, format, node, passed: 0, failed: 0 };
      this.#cells.set(key, cell);
    }
    return cell;
  }
}

/** The result of the last run, and the table that the README generator takes from it. */
export const MATRIX_FILE = fileURLToPath(new URL('../../.cache/conformance-matrix.json', import.meta.url));
const TABLE_FILE = fileURLToPath(new URL('../../.cache/conformance-matrix.md', import.meta.url));

/** Keeps the result of a whole run; a run of some scenarios only says nothing about the others. */
export function writeMatrix(cells: readonly Cell[]): void {
  const isRun = (sdk: Sdk, endpoint: string): boolean =>
    cells.some((cell) => cell.version === sdk.version && cell.endpoint === endpoint);
  const isWhole = SDKS.every((sdk) =>
    ENDPOINTS.every(({ name, only }) => only !== sdk.family || isRun(sdk, name)),
  );
  if (!isWhole) return;
  mkdirSync(dirname(MATRIX_FILE), { recursive: true });
  writeFileSync(MATRIX_FILE, `${JSON.stringify({ cells }, undefined, 2)}\n`);
  writeFileSync(TABLE_FILE, `${renderMatrix(cells)}\n`);
}

/** The matrix as Markdown: a table per SDK family, a row per version, a column per endpoint with its formats and Nodes. */
export const renderMatrix = (cells: readonly Cell[]): string =>
  FAMILIES.map((family) => renderFamily(cells, family)).join('\n\n');

function renderFamily(cells: readonly Cell[], family: Family): string {
  const endpoints = ENDPOINTS.filter(({ only }) => only === family);
  const rows = SDKS.filter((sdk) => sdk.family === family).map((sdk) => [
    `${sdk.package} ${sdk.version}`,
    ...endpoints.map(({ name }) => renderCell(cells, sdk, name)),
  ]);
  const head = ['SDK', ...endpoints.map(({ name }) => name)];
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, at) => text.padEnd(widths[at]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function renderCell(cells: readonly Cell[], sdk: Sdk, endpoint: string): string {
  const own = cells.filter(
    (cell) => cell.sdk === sdk.package && cell.version === sdk.version && cell.endpoint === endpoint,
  );
  const absent = own.find((cell) => cell.absent !== undefined)?.absent;
  if (absent !== undefined) return `– (${absent})`;
  if (own.length === 0) return 'not run';
  const failed = own.filter((cell) => cell.failed > 0);
  if (failed.length > 0) return `FAILS ${failed.map(({ format, node }) => `${format}/${node}`).join(' ')}`;
  const formats = FORMATS.filter((format) => own.some((cell) => cell.format === format)).join('+');
  const nodes = [...new Set(own.map((cell) => cell.node.split('.')[0]!))].sort().join(' ');
  const why = sdk.formats === undefined ? '' : ' (the package loads in no other)';
  return `${formats}${why}, Node ${nodes}`;
}
