import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROVIDER_CARDS } from '../src/cards/table.ts';
import { describePrice } from '../src/index.ts';

/** Noon UTC: DeepSeek's rates have a peak in the night. */
const AT_MS = Date.parse('2026-11-27T12:00:00Z');
const TOLERANCE = 0.01;
/** Rows below this many would mean that the comparison has lost its object. */
const LEAST_COMPARED = 500;

interface SecondSource {
  readonly source: string;
  readonly cards: Readonly<Record<string, Readonly<Record<string, { usd: Record<string, number> }>>>>;
}
const SECOND: SecondSource = JSON.parse(
  readFileSync(new URL('../build/second-source.json', import.meta.url), 'utf8'),
);

/** Where we differ from the second source on purpose: card and id → why ours stands. */
const DIFFERENCES: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^openai gpt-4o(-mini)?-transcribe/, 'theirs has the text rate for audio; Azure’s rows there have ours'],
  [/^openai gpt-4o-mini-tts/, 'the output of speech is audio, 12 USD; theirs has the text rate'],
  [
    /^bedrock (anthropic\.)?claude-/,
    'a plain id is billed in its region, a tenth more than the global profile that theirs lists',
  ],
  [/^bedrock (openai\.gpt-6|amazon\.nova-2)/, 'the same: regional, a tenth more than global'],
  [
    /^cloudflare @cf\/(meta\/llama-2-7b-chat-fp16|mistral\/mistral-7b-instruct-v0\.1)$/,
    'Cloudflare’s page prices prompt and answer apart, theirs has one price for every old model',
  ],
  [/^cloudflare @cf\/meta\/llama-3\.2-11b-vision-instruct$/, 'the page rounds 0.0485 to 0.049'],
  [/^deepseek deepseek-(chat|reasoner|r1|v3\.2)$/, 'names that moved on; ours is estimated or dated'],
  [
    /^deepseek deepseek-(v4-)?(flash|pro|flash-vision-exp)$/,
    'ours has peak and off-peak hours, theirs one price',
  ],
  [/^fireworks /, 'prices by size class there, by model here'],
  [/^mistral open-mistral-nemo$/, 'an alias of mistral-nemo, whose page says 0.15'],
  [/^together /, 'prices that Together has lowered at different times'],
];

test('base rates agree with a second public source to one per cent, or somebody has said why not', () => {
  const found: string[] = [];
  const unlisted: string[] = [];
  let compared = 0;
  for (const [card, models] of Object.entries(SECOND.cards)) {
    const providers = Object.keys(PROVIDER_CARDS);
    const provider =
      providers.find((name) => PROVIDER_CARDS[name]?.[0] === card) ??
      providers.find((name) => PROVIDER_CARDS[name]?.includes(card)) ??
      '';
    for (const [id, { usd }] of Object.entries(models)) {
      const ours = describePrice({ provider, model: id, atMs: AT_MS });
      // What we have from there cannot be a second opinion on itself.
      if (ours.status === 'unpriced' || ours.sources.includes(SECOND.source)) continue;
      compared += 1;
      const rates = ours.tiers[0]?.usdPerMtok ?? {};
      const off = Object.entries(usd).filter(
        ([unit, theirs]) =>
          rates[unit] !== undefined && Math.abs(Number(rates[unit]) - theirs) > TOLERANCE * theirs,
      );
      if (off.length === 0) continue;
      found.push(`${card} ${id}`);
      const isListed = DIFFERENCES.some(([pattern]) => pattern.test(`${card} ${id}`));
      const shown = off.map(([unit, theirs]) => `${unit} ${rates[unit]} here, ${theirs} there`);
      if (!isListed) unlisted.push(`${card} ${id}: ${shown.join('; ')}`);
    }
  }
  expect(unlisted).toEqual([]);
  expect(compared).toBeGreaterThan(LEAST_COMPARED);
  const unused = DIFFERENCES.filter(([pattern]) => !found.some((name) => pattern.test(name)));
  expect(unused.map(([, why]) => why)).toEqual([]);
});
