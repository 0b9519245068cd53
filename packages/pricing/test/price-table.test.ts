import { expect, test } from 'vitest';
import { createPricer, PRICE_TABLE_VERSION } from '../src/index.ts';
import type { RateCard } from '../src/rate-card.ts';
import {
  comparePriceCards,
  findFirstCard,
  listPriceCards,
  parsePriceTable,
  renderPriceTable,
} from '../src/table.ts';

const AT_MS = Date.parse('2026-11-01');
const HOUSE: RateCard = {
  name: 'house',
  source: 'our contract',
  ids: { suffixes: ['-\\d{8}$'] },
  models: [
    { id: 'house-1', aliases: ['house'], rates: [{ rates: { input: 1_000_000, output: 2_000_000 } }] },
  ],
};
const table = (cards: readonly unknown[], more: object = {}): string =>
  JSON.stringify({ format: 'costspan-prices/1', version: 'house-7', cards, ...more });

test('the built-in table comes back from its own text', () => {
  const { table: parsed, problems } = parsePriceTable(renderPriceTable());
  expect(problems).toBeUndefined();
  expect(parsed).toEqual({ version: PRICE_TABLE_VERSION, cards: listPriceCards() });
});

test('has no rate so low that it must be one of something other than tokens', () => {
  const models = listPriceCards().flatMap(({ name, models }) => models.map((model) => ({ name, model })));
  const low = models.flatMap(({ name, model }) =>
    model.rates.flatMap(({ rates }) =>
      Object.entries(rates)
        .filter(([, picoUsd]) => picoUsd > 0 && picoUsd < 1_000)
        .map(([unit]) => `${name} ${model.id} ${unit}`),
    ),
  );
  expect(low).toEqual([]);
});

test('cards of a table stand in place of the built-in ones, and new ones beside them', () => {
  const openai = listPriceCards().find(({ name }) => name === 'openai')!;
  const dearer = {
    ...openai,
    models: [{ id: 'gpt-5', rates: [{ rates: { input: 9_000_000, output: 9_000_000 } }] }],
  };
  const { table: parsed } = parsePriceTable(table([dearer, HOUSE], { providers: { house: ['house'] } }));
  const pricer = createPricer(parsed === undefined ? {} : { table: parsed });
  const read = (provider: string, model: string) =>
    pricer.price({ inputTokens: 10, outputTokens: 0 }, { provider, model, atMs: AT_MS });
  expect(read('openai', 'gpt-5')).toMatchObject({ amountPicoUsd: 90_000_000, priceVersion: 'house-7' });
  expect(read('openai', 'gpt-5-mini')).toEqual({ status: 'unpriced', reason: 'unknown_model' });
  expect(read('house', 'house-1-20260101')).toMatchObject({ amountPicoUsd: 10_000_000 });
  expect(read('anthropic', 'claude-haiku-4-5')).toMatchObject({ amountPicoUsd: 10_000_000 });
  expect(findFirstCard('house', parsed)?.name).toBe('house');
});

const row = (rates: unknown, more: object = {}) =>
  table([{ ...HOUSE, models: [{ id: 'a', rates, ...more }] }]);

test.each([
  ['text', 'hello', '', 'is no JSON'],
  ['another format', '{"version":"1","cards":[]}', 'format', 'missing: must be there'],
  [
    'a negative rate',
    row([{ rates: { input: -1 } }]),
    'cards[0].models[0].rates[0].rates.input',
    '-1: must be a whole number from 0 to 2^53 - 1',
  ],
  [
    'a fractional rate',
    row([{ rates: { input: 0.5 } }]),
    'cards[0].models[0].rates[0].rates.input',
    '0.5: must be a whole number',
  ],
  [
    'an unknown rate',
    row([{ rates: { inputs: 1 } }]),
    'cards[0].models[0].rates[0].rates',
    '"inputs": is no name that is known here',
  ],
  ['an unknown key', row([], { price: 1 }), 'cards[0].models[0]', '"price": is no key here'],
  [
    'a day that is none',
    row([{ from: '2026-02-30', rates: {} }]),
    'cards[0].models[0].rates[0].from',
    '"2026-02-30": must be a day',
  ],
  [
    'dates that go back',
    row([{ from: '2026-02-02', rates: {} }, { rates: {} }]),
    'cards[0].models[0].rates[1].from',
    '"": dates must ascend',
  ],
  [
    'a tier that loses a rate',
    row([{ rates: { input: 1, output: 1 }, tiers: [{ minInputTokens: 5, rates: { input: 2 } }] }]),
    'cards[0].models[0].rates[0].tiers[0].rates',
    'must have the rates input,output',
  ],
  [
    'a mode that is none',
    row([], { modes: { slow: { by: [1, 2] } } }),
    'cards[0].models[0].modes',
    '"slow": is no name',
  ],
  [
    'a factor of 0',
    row([], { modes: { batch: { by: [0, 1] } } }),
    'cards[0].models[0].modes.batch.by',
    '[0,1]: must be two whole numbers above 0',
  ],
  [
    'a unit that is none',
    row([{ rates: {}, units: { banana: { picoUsd: 1 } } }]),
    'cards[0].models[0].rates[0].units',
    '"banana": is no name',
  ],
  [
    'a rule that is no expression',
    table([{ ...HOUSE, ids: { suffixes: ['('] } }]),
    'cards[0].ids.suffixes[0]',
    '"(": must be a regular expression',
  ],
  [
    'two models of one id',
    table([{ ...HOUSE, models: [...HOUSE.models, ...HOUSE.models] }]),
    'cards[0]',
    'house: "house-1" is claimed by house-1 and house-1',
  ],
  ['two cards of one name', table([HOUSE, HOUSE]), 'cards[1].name', '"house" is there twice'],
  [
    'a provider with a card that is not there',
    table([HOUSE], { providers: { house: ['hose'] } }),
    'providers.house',
    '"hose" is the name of no card',
  ],
])('%s is refused with its place and the rule', (_name, text, path, message) => {
  const { problems } = parsePriceTable(text);
  expect(problems?.[0]?.path).toBe(path);
  expect(problems?.[0]?.message).toContain(message);
});

test('a comparison says what changed and what to look at', () => {
  const [model] = HOUSE.models;
  const change = (models: RateCard['models']) => comparePriceCards([HOUSE], [{ ...HOUSE, models }]);
  expect(change([{ ...model!, source: 'elsewhere', checked: '2026-11-01' }])).toEqual([]);
  expect(change([...HOUSE.models, { id: 'house-2', rates: [{ rates: { input: 5 } }] }])).toEqual([
    { card: 'house', model: 'house-2', kind: 'added', rates: { input: [undefined, 5] }, suspicions: [] },
  ]);
  expect(change([])).toEqual([
    {
      card: 'house',
      model: 'house-1',
      kind: 'removed',
      rates: { input: [1_000_000, undefined], output: [2_000_000, undefined] },
      suspicions: ['the model is gone: its calls would be unpriced'],
    },
  ]);
  const appended = [...model!.rates, { from: '2027-01-01', rates: { input: 500_000, output: 2_000_000 } }];
  expect(change([{ ...model!, rates: appended }])).toEqual([
    {
      card: 'house',
      model: 'house-1',
      kind: 'changed',
      rates: { input: [1_000_000, 500_000] },
      suspicions: [],
    },
  ]);
  expect(change([{ ...model!, rates: [{ rates: { input: 10_000_000, output: 0 } }] }])).toEqual([
    {
      card: 'house',
      model: 'house-1',
      kind: 'changed',
      rates: { input: [1_000_000, 10_000_000], output: [2_000_000, 0] },
      suspicions: [
        'input would be 10.0 times dearer',
        'output would be free',
        'a rate of the past is rewritten: append a dated one instead',
      ],
    },
  ]);
});
