// Recorded answers of real providers, priced twice: by the package, and by the few lines below from rates that were
// copied by hand from price pages. Nothing here uses the package's tables or arithmetic.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { priceUsage, type Usage } from '../src/index.ts';

/** USD per million tokens, as price pages print them: input, output, cached input; writes for 5 minutes and an hour. */
type Rates = readonly [input: string, output: string, cached?: string, write5m?: string, write1h?: string];
const RATES: Readonly<Record<string, Rates>> = {
  'anthropic claude-3-5-sonnet-20240620': ['3', '15', '0.30', '3.75', '6'],
  'anthropic claude-haiku-4-5-20251001': ['1', '5', '0.10', '1.25', '2'],
  'anthropic claude-opus-4-6': ['5', '25', '0.50', '6.25', '10'],
  'anthropic claude-sonnet-4-20250514': ['3', '15', '0.30', '3.75', '6'],
  'anthropic claude-sonnet-4-5-20250929': ['3', '15', '0.30', '3.75', '6'],
  'anthropic claude-sonnet-4-6': ['3', '15', '0.30', '3.75', '6'],
  'anthropic claude-sonnet-5': ['2', '10', '0.20', '2.50', '4'],
  'azure gpt-4.1-mini': ['0.40', '1.60', '0.10'],
  'azure gpt-5-mini': ['0.25', '2', '0.025'],
  'azure gpt-5-nano': ['0.05', '0.40', '0.005'],
  'azure gpt-5-nano-2025-08-07': ['0.05', '0.40', '0.005'],
  'azure gpt-5.2-2025-12-11': ['1.75', '14', '0.175'],
  'deepseek deepseek-v4-flash': ['0.15', '0.60', '0.003'],
  'deepseek deepseek-v4-pro': ['0.66', '1.98', '0.022'],
  'google gemini-2.0-flash': ['0.10', '0.40', '0.025'],
  'google gemini-2.5-flash': ['0.30', '2.50', '0.03'],
  'google gemini-2.5-flash-lite': ['0.10', '0.40', '0.01'],
  'google gemini-3-flash-preview': ['0.50', '3', '0.05'],
  'google gemini-3.1-pro-preview': ['2', '12', '0.20'],
  'groq openai/gpt-oss-120b': ['0.15', '0.60', '0.075'],
  'mistral codestral-2508': ['0.30', '0.90', '0.03'],
  'mistral mistral-embed': ['0.10', '0'],
  'mistral mistral-small-2506': ['0.10', '0.30'],
  'openai gpt-3.5-turbo-0125': ['0.50', '1.50'],
  'openai gpt-4.1-2025-04-14': ['2', '8', '0.50'],
  'openai gpt-4o-2024-08-06': ['2.50', '10', '1.25'],
  'openai gpt-4o-mini-2024-07-18': ['0.15', '0.60', '0.075'],
  'openai gpt-5-2025-08-07': ['1.25', '10', '0.125'],
  'openai gpt-5-mini-2025-08-07': ['0.25', '2', '0.025'],
  'openai gpt-5-nano-2025-08-07': ['0.05', '0.40', '0.005'],
  'openai gpt-5.4-2026-03-05': ['2.50', '15', '0.25'],
  'openai o4-mini-2025-04-16': ['1.10', '4.40', '0.275'],
  'openai text-embedding-3-small': ['0.02', '0'],
  'openai text-embedding-ada-002': ['0.10', '0'],
  'voyage voyage-3.5': ['0.06', '0'],
  'xai grok-3-mini': ['0.30', '0.50', '0.075'],
  'xai grok-4.3': ['1.25', '2.50', '0.20'],
  'zai glm-4.6v': ['0.30', '0.90', '0.05'],
};
/** `provider` of the recordings → ours. */
const PROVIDERS: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  azure: 'azure.ai.openai',
  deepseek: 'deepseek',
  google: 'gcp.gemini',
  groq: 'groq',
  mistral: 'mistral_ai',
  openai: 'openai',
  voyage: 'voyage',
  xai: 'x_ai',
  zai: 'z_ai',
};
/** From 200,001 tokens of input on, all of the request at twice the input and half as much again for the output. */
const LONG_CONTEXT = ['anthropic claude-sonnet-4-20250514', 'anthropic claude-sonnet-4-5-20250929'];
/** 10 USD a thousand, Anthropic's and OpenAI's. */
const WEB_SEARCH_PICO_USD = 10_000_000_000n;
/** Noon, outside of DeepSeek's peak. */
const AT_MS = Date.parse('2026-11-01T12:00:00Z');

interface Recording {
  readonly id: string;
  readonly provider: string;
  readonly model: string | null;
  readonly response: { readonly status: number; readonly body: string };
  readonly expected: Readonly<Record<string, number | null>> | null;
  readonly providerCost?: { readonly amount: number } | null;
}

const folder = fileURLToPath(new URL('../../../../shared/recordings/', import.meta.url));
const hasRecordings = existsSync(folder);
if (!hasRecordings) console.log('skipped: recorded usage; the shared recordings are not on this machine');
const recordings: Recording[] = !hasRecordings
  ? []
  : readdirSync(folder)
      .filter((file) => /^\w.*-[0-9a-f]{10}\.json$/.test(file))
      .map((file) => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')));
const cases = recordings.filter(
  ({ provider, model, response, expected }) =>
    response.status === 200 &&
    Object.hasOwn(RATES, `${provider} ${model}`) &&
    typeof expected?.inputTotal === 'number',
);

/** `'0.125'` USD per million tokens in pico-USD per token, by moving the point. */
function toPicoUsd(usdPerMtok: string): bigint {
  const [whole = '', fraction = ''] = usdPerMtok.split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
}

function addUp({ provider, model, expected }: Recording): bigint {
  const [input, output, cached, write5m, write1h] = RATES[`${provider} ${model}`]!.map((rate) =>
    toPicoUsd(rate ?? ''),
  );
  const count = (name: string): bigint => BigInt(expected?.[name] ?? 0);
  const written = count('cacheWrite');
  const hour = count('cacheWrite1h');
  const plain = count('inputTotal') - count('cacheRead') - written;
  const isLong = LONG_CONTEXT.includes(`${provider} ${model}`) && count('inputTotal') > 200_000n;
  const inputs =
    plain * input! +
    count('cacheRead') * (cached ?? input!) +
    (written - hour) * (write5m ?? input!) +
    hour * (write1h ?? input!);
  const outputs = count('outputTotal') * output!;
  const tools = count('webSearches') * WEB_SEARCH_PICO_USD;
  return isLong ? inputs * 2n + (outputs * 3n) / 2n + tools : inputs + outputs + tools;
}

/** xAI counts the requests to its tools beside the tokens, 5 USD a thousand. */
const readSearches = ({ expected, response }: Recording): number | undefined => {
  const [, count] = /num_server_side_tools_used"?\s*:\s*([1-9]\d*)/.exec(response.body) ?? [];
  return expected?.webSearches ?? (count === undefined ? undefined : Number(count));
};

function readUsage(recording: Recording): Usage {
  const { expected } = recording;
  const pick = (name: string): number | undefined => expected?.[name] ?? undefined;
  const usage = {
    inputTokens: pick('inputTotal'),
    cacheReadInputTokens: pick('cacheRead'),
    cacheWriteInputTokens: pick('cacheWrite'),
    outputTokens: pick('outputTotal') ?? 0,
  };
  const hour = pick('cacheWrite1h');
  const searches = readSearches(recording);
  return {
    ...(Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined)) as Usage),
    ...(hour === undefined ? {} : { cacheWriteByTtl: { '1h': hour } }),
    ...(searches === undefined ? {} : { toolRequests: { web_search: searches } }),
  };
}

const price = (recording: Recording, usage: Usage) =>
  priceUsage(usage, {
    provider: PROVIDERS[recording.provider] ?? '',
    model: recording.model ?? '',
    atMs: AT_MS,
  });

describe.skipIf(!hasRecordings)('recorded usage', () => {
  test('is there', () => {
    expect(cases.length).toBeGreaterThan(60);
    expect(new Set(cases.map(({ provider, model }) => `${provider} ${model}`)).size).toBeGreaterThan(30);
  });

  // What was charged for xAI's tools is compared below.
  const tokensOnly = cases.filter(({ provider }) => provider !== 'xai');
  test.each(tokensOnly.map((recording) => [recording.id, recording] as const))(
    '%s costs what its tokens cost',
    (_id, recording) => {
      const cost = price(recording, readUsage(recording));
      expect(cost).toMatchObject({ status: 'priced', amountPicoUsd: Number(addUp(recording)) });
    },
  );

  const billed = cases.filter(({ providerCost }) => typeof providerCost?.amount === 'number');
  test.each(billed.map((recording) => [recording.id, recording] as const))(
    '%s: the table agrees with what the provider says that it charged',
    (_id, recording) => {
      const reported = { ...readUsage(recording), providerCostUsd: recording.providerCost!.amount };
      const amountPicoUsd = Math.round(recording.providerCost!.amount * 1e12);
      expect(price(recording, reported)).toEqual({
        status: 'priced',
        source: 'provider',
        mode: 'standard',
        amountPicoUsd,
        localAmountPicoUsd: amountPicoUsd,
      });
    },
  );
});
