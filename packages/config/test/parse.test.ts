import { BILLED_UNITS } from '@costspan/semconv';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../src/config.ts';
import { renderConfigErrors } from '../src/errors.ts';
import { parseConfig } from '../src/parse.ts';

/** The rendered errors of a text. */
function render(text: string): string {
  const { errors } = parseConfig(text, { path: 'costspan.yaml' });
  expect(errors, 'the text was accepted').toBeDefined();
  return renderConfigErrors(errors ?? []);
}

describe('a right file', () => {
  it('is parsed whole, every key of it', () => {
    const text = `
features: { from: [scope, http.route], default: rest, wait: 30s }
tasks:
  from: [scope, invoke_agent, http]
  settle_after: 1.5m
  settle_quiet: 250ms
  outcome:
    - { when: { http.status_code: [404, "5xx"] }, is: failure }
    - { when: { error.type: "*" }, is: abandoned }
prices:
  table: ./prices.json
  currency: { code: EUR, usd: 1.08 }
  credits: [ { provider: openai, usd: 5000, from: 2026-01-01, until: 2026-12-31 } ]
  discounts: [ { provider: openai, percent: 12 }, { provider: openai, model: gpt-5, percent: 20.5 } ]
  models: { my-azure-deployment: gpt-5 }
  overrides: [ { model: house-model, input: 0.5, output: 2, cache_read: 0, cache_write: 1, cache_write_1h: 2, input_audio: 3, input_image: 4, output_audio: 5, output_image: 6 }, { model: ocr, currency: EUR, units: { input_page: 0.001 }, tools: { web_search: 0.008 } } ]
budgets:
  - { name: support, match: { feature: support-chat, user_tier: free }, limit_usd: 1200.1, period: month, timezone: Europe/Berlin }
  - { name: all, limit_usd: 0.1, period: day, shape: batch }
tenants: { allow: [acme], top: 5 }
limits: { series_per_metric: 100, body_bytes: 4096, label_chars: 64, span_attributes: 20, span_events: 30, open_tasks: 10, settled_tasks: 0, dedupe_window: 5m, dedupe_spans: 1000, queue_bytes: 2097152, inflight_bytes: 4194304, requests_per_second: 50, request_timeout: 5s, decode_threads: 2 }
access: { tokens: [{ name: ci, env: CI_TOKEN, rights: [read] }], tls: { cert: a.crt, key: a.key, client_ca: b.crt } }
ledger: { hours: 30d, days: 100d, months: 1000d, clickhouse: { url: 'https://ch:8443', database: money, user: writer, password_env: CH_PASSWORD } }
`;
    expect(parseConfig(text, { path: 'costspan.yaml' })).toEqual({
      config: {
        features: { from: ['scope', 'http.route'], default: 'rest', waitMs: 30_000 },
        tasks: {
          from: ['scope', 'invoke_agent', 'http'],
          settleAfterMs: 90_000,
          settleQuietMs: 250,
          outcome: [
            { when: { 'http.status_code': ['404', '5xx'] }, is: 'failure' },
            { when: { 'error.type': ['*'] }, is: 'abandoned' },
          ],
        },
        prices: {
          tablePath: './prices.json',
          currency: { code: 'EUR', usd: 1.08 },
          credits: [{ provider: 'openai', usd: 5000, from: '2026-01-01', until: '2026-12-31' }],
          discounts: [
            { provider: 'openai', percent: 12 },
            { provider: 'openai', model: 'gpt-5', percent: 20.5 },
          ],
          models: { 'my-azure-deployment': 'gpt-5' },
          overrides: [
            {
              model: 'house-model',
              input: 0.5,
              output: 2,
              cacheRead: 0,
              cacheWrite: 1,
              cacheWrite1h: 2,
              inputAudio: 3,
              inputImage: 4,
              outputAudio: 5,
              outputImage: 6,
            },
            { model: 'ocr', currency: 'EUR', units: { input_page: 0.001 }, tools: { web_search: 0.008 } },
          ],
        },
        budgets: [
          {
            name: 'support',
            match: { feature: 'support-chat', userTier: 'free' },
            limitPicoUsd: 1_200_100_000_000_000n,
            period: 'month',
            timezone: 'Europe/Berlin',
          },
          {
            name: 'all',
            match: {},
            limitPicoUsd: 100_000_000_000n,
            period: 'day',
            timezone: 'UTC',
            shape: 'batch',
          },
        ],
        tenants: { allow: ['acme'], top: 5 },
        limits: {
          seriesPerMetric: 100,
          bodyBytes: 4096,
          labelChars: 64,
          spanAttributes: 20,
          spanEvents: 30,
          openTasks: 10,
          settledTasks: 0,
          dedupeWindowMs: 300_000,
          dedupeSpans: 1000,
          queueBytes: 2_097_152,
          inflightBytes: 4_194_304,
          requestsPerSecond: 50,
          requestTimeoutMs: 5000,
          decodeThreads: 2,
        },
        access: {
          tokens: [{ name: 'ci', env: 'CI_TOKEN', rights: ['read'] }],
          tls: { cert: 'a.crt', key: 'a.key', clientCa: 'b.crt' },
        },
        ledger: {
          hoursMs: 30 * 86_400_000,
          daysMs: 100 * 86_400_000,
          monthsMs: 1_000 * 86_400_000,
          clickhouse: {
            url: 'https://ch:8443',
            database: 'money',
            user: 'writer',
            passwordEnv: 'CH_PASSWORD',
          },
        },
      },
    });
  });

  it.each([
    ['no text', ''],
    ['comments only', '# budgets:\n'],
    ['keys without a value', 'budgets:\ntasks:\n'],
    ['an empty map', '{}'],
  ])('gives the defaults for %s', (_name, text) => {
    expect(parseConfig(text, { path: 'costspan.yaml' })).toEqual({ config: DEFAULT_CONFIG });
  });

  it('resolves anchors, and keeps a deployment called __proto__ as an own key', () => {
    const text = 'tenants: { allow: [&a acme, *a] }\nprices: { models: { __proto__: gpt-5 } }';
    const { config } = parseConfig(text, { path: 'costspan.yaml' });
    expect(config?.tenants.allow).toEqual(['acme', 'acme']);
    expect(Object.entries(config?.prices.models ?? {})).toEqual([['__proto__', 'gpt-5']]);
  });
});

describe('a wrong file says where, what and how to repair it', () => {
  const budget = (rest: string) => `budgets:\n  - { name: a, ${rest} }`;
  it.each([
    [
      'an unknown key with a near one',
      'budgetz: []',
      'costspan.yaml:1:1 COSTSPAN_CONFIG_UNKNOWN_KEY budgetz: unknown key "budgetz"\n  fix: did you mean budgets?',
    ],
    [
      'an unknown key with no near one',
      'tenants:\n  colour: red',
      'costspan.yaml:2:3 COSTSPAN_CONFIG_UNKNOWN_KEY tenants.colour: unknown key "colour"\n  fix: the keys here are allow, top',
    ],
    [
      'a missing key',
      budget('period: month'),
      'costspan.yaml:2:5 COSTSPAN_CONFIG_MISSING_KEY budgets[0]: limit_usd is missing\n  fix: add for example limit_usd: 1200',
    ],
    [
      'a negative limit',
      budget('limit_usd: -5, period: month'),
      'costspan.yaml:2:27 COSTSPAN_CONFIG_WRONG_VALUE budgets[0].limit_usd: -5 is not a number from 0.000001 to 1000000000 with at most 6 decimals\n  fix: write for example 1200',
    ],
    [
      'a limit that is not finite',
      budget('limit_usd: .nan, period: month'),
      'costspan.yaml:2:27 COSTSPAN_CONFIG_WRONG_VALUE budgets[0].limit_usd: NaN is not a number from 0.000001 to 1000000000 with at most 6 decimals\n  fix: write for example 1200',
    ],
    [
      'a limit as text',
      budget('limit_usd: "$5", period: month'),
      'costspan.yaml:2:27 COSTSPAN_CONFIG_WRONG_TYPE budgets[0].limit_usd: must be a number, not "$5"\n  fix: write for example 1200',
    ],
    [
      'a bad time zone',
      budget('limit_usd: 5, period: month, timezone: Europe/Berlim'),
      'costspan.yaml:2:55 COSTSPAN_CONFIG_WRONG_VALUE budgets[0].timezone: "Europe/Berlim" is not a time zone of the IANA database\n  fix: write Europe/Berlin',
    ],
    [
      'an offset for a time zone',
      budget('limit_usd: 5, period: month, timezone: "+01:00"'),
      'costspan.yaml:2:55 COSTSPAN_CONFIG_WRONG_VALUE budgets[0].timezone: "+01:00" is not a time zone of the IANA database\n  fix: write for example Europe/Berlin',
    ],
    [
      'an unknown shape',
      budget('limit_usd: 5, period: day, shape: bursty'),
      'costspan.yaml:2:50 COSTSPAN_CONFIG_WRONG_VALUE budgets[0].shape: "bursty" is not one of steady, batch\n  fix: write one of steady, batch',
    ],
    [
      'an unknown period',
      budget('limit_usd: 5, period: fortnight'),
      'costspan.yaml:2:38 COSTSPAN_CONFIG_WRONG_VALUE budgets[0].period: "fortnight" is not one of day, week, month, quarter, year\n  fix: write one of day, week, month, quarter, year',
    ],
    [
      'two budgets of one name',
      'budgets:\n  - { name: a, limit_usd: 5, period: month }\n  - { name: a, limit_usd: 6, period: day }',
      'costspan.yaml:3:13 COSTSPAN_CONFIG_DUPLICATE_NAME budgets[1].name: "a" is the name of budgets[0] too\n  fix: rename one of them, for example a-2',
    ],
    [
      'a name that YAML takes for a number',
      'budgets:\n  - { name: 2026, limit_usd: 5, period: year }',
      'costspan.yaml:2:13 COSTSPAN_CONFIG_WRONG_TYPE budgets[0].name: must be a text, not 2026\n  fix: write for example "2026"',
    ],
    [
      'a control character in a name',
      'tenants: { allow: ["a\\nb"] }',
      'costspan.yaml:1:20 COSTSPAN_CONFIG_WRONG_VALUE tenants.allow[0]: "a\\nb" is not a text of 1 to 200 characters without control characters\n  fix: write for example acme',
    ],
    [
      'a map for a list',
      'budgets: { name: a }',
      'costspan.yaml:1:10 COSTSPAN_CONFIG_WRONG_TYPE budgets: must be a list, not a map\n  fix: write for example [{ name: support, limit_usd: 1200, period: day }]',
    ],
    [
      'a duration without its unit',
      'tasks: { settle_after: 600 }',
      'costspan.yaml:1:24 COSTSPAN_CONFIG_WRONG_TYPE tasks.settle_after: must be a duration with its unit (ms, s, m, h, d), not 600\n  fix: write for example 10m',
    ],
    [
      'a duration in an unknown unit',
      'tasks: { settle_after: 10min }',
      'costspan.yaml:1:24 COSTSPAN_CONFIG_WRONG_VALUE tasks.settle_after: "10min" is not a duration from 1s to 30d in ms, s, m, h or d\n  fix: write for example 10m',
    ],
    [
      'a status that is none',
      'tasks: { outcome: [ { when: { http.status_code: 2x }, is: success } ] }',
      'costspan.yaml:1:49 COSTSPAN_CONFIG_WRONG_VALUE tasks.outcome[0].when.http.status_code: "2x" is not a status code from 100 to 599 or a class like "2xx"\n  fix: write for example "2xx" or 404',
    ],
    [
      'an outcome that is none',
      'tasks: { outcome: [ { when: { error.type: "*" }, is: failed } ] }',
      'costspan.yaml:1:54 COSTSPAN_CONFIG_WRONG_VALUE tasks.outcome[0].is: "failed" is not one of success, failure, abandoned, unknown\n  fix: write one of success, failure, abandoned, unknown',
    ],
    [
      'a rule without a condition',
      'tasks: { outcome: [ { when: {}, is: failure } ] }',
      'costspan.yaml:1:29 COSTSPAN_CONFIG_MISSING_KEY tasks.outcome[0].when: a rule without a condition would decide every task\n  fix: add for example http.status_code: "2xx"',
    ],
    [
      'an override in a currency without a rate',
      'prices: { overrides: [ { model: a, input: 1 }, { model: b, currency: EUR, input: 1 } ] }',
      'costspan.yaml:1:70 COSTSPAN_CONFIG_WRONG_VALUE prices.overrides[1].currency: EUR has no rate, as there is no prices.currency\n  fix: write for example currency: { code: EUR, usd: 1.08 } beside overrides',
    ],
    [
      'an override in another currency than that of the contract',
      'prices: { currency: { code: EUR, usd: 1.08 }, overrides: [ { model: a, currency: GBP, input: 1 } ] }',
      'costspan.yaml:1:82 COSTSPAN_CONFIG_WRONG_VALUE prices.overrides[0].currency: GBP has no rate, as prices.currency is EUR\n  fix: state this price in EUR or USD',
    ],
    [
      'an override without a rate',
      'prices: { overrides: [ { model: gpt-5 } ] }',
      'costspan.yaml:1:24 COSTSPAN_CONFIG_MISSING_KEY prices.overrides[0]: the override of gpt-5 sets no rate\n  fix: add a rate in USD per million tokens, for example input: 1.25',
    ],
    [
      'a discount over 100 per cent',
      'prices: { discounts: [ { provider: openai, percent: 120 } ] }',
      'costspan.yaml:1:53 COSTSPAN_CONFIG_WRONG_VALUE prices.discounts[0].percent: 120 is not a number from 0 to 100 with at most 4 decimals\n  fix: write for example 12',
    ],
    [
      'a rate finer than money is counted',
      'prices: { overrides: [ { model: a, input: 0.1234567 } ] }',
      'costspan.yaml:1:43 COSTSPAN_CONFIG_WRONG_VALUE prices.overrides[0].input: 0.1234567 is not a number from 0 to 1000000 with at most 6 decimals\n  fix: write for example 1.25',
    ],
    [
      'a unit that nothing reports',
      'prices: { overrides: [ { model: a, units: { input_pages: 1 } } ] }',
      `costspan.yaml:1:43 COSTSPAN_CONFIG_WRONG_VALUE prices.overrides[0].units: "input_pages" is not one of ${BILLED_UNITS.join(', ')}\n  fix: write input_page`,
    ],
    [
      'a currency that is none',
      'prices: { currency: { code: euro, usd: 1.08 } }',
      'costspan.yaml:1:29 COSTSPAN_CONFIG_WRONG_VALUE prices.currency.code: "euro" is not a currency code of three capitals\n  fix: write for example EUR',
    ],
    [
      'a day that the calendar does not have',
      'prices: { credits: [ { provider: openai, usd: 1, from: 2026-02-30 } ] }',
      'costspan.yaml:1:56 COSTSPAN_CONFIG_WRONG_VALUE prices.credits[0].from: "2026-02-30" is not a day of the calendar like 2026-03-01\n  fix: write for example 2026-01-01',
    ],
    [
      'a limit that is not whole',
      'limits: { open_tasks: 1.5 }',
      'costspan.yaml:1:23 COSTSPAN_CONFIG_WRONG_VALUE limits.open_tasks: 1.5 is not a whole number from 1 to 10000000\n  fix: write for example 200000',
    ],
    [
      'text instead of a document',
      'hello',
      'costspan.yaml:1:1 COSTSPAN_CONFIG_WRONG_TYPE must be a map, not "hello"\n  fix: write for example { features: { from: [scope] } }',
    ],
    [
      'a bracket that is not closed',
      'budgets: [1',
      'costspan.yaml:1:12 COSTSPAN_CONFIG_SYNTAX Flow sequence in block collection must be sufficiently indented and end with a ]\n  fix: indent with two spaces, write "key: value", and put text with : # { } [ ] in quotes',
    ],
    [
      'a key twice',
      'tenants: {}\ntenants: {}',
      'costspan.yaml:2:1 COSTSPAN_CONFIG_SYNTAX Map keys must be unique\n  fix: keep one of the two keys',
    ],
    [
      'a tab',
      'tenants:\n\ttop: 1',
      'costspan.yaml:2:1 COSTSPAN_CONFIG_SYNTAX Tabs are not allowed as indentation\n  fix: indent with spaces',
    ],
    [
      'two documents',
      'tenants: {}\n---\ntenants: {}',
      'costspan.yaml:2:1 COSTSPAN_CONFIG_SYNTAX the file holds more than one document\n  fix: keep one: remove the line ---',
    ],
    [
      'a tag',
      'tenants: !!js/function x',
      'costspan.yaml:1:10 COSTSPAN_CONFIG_SYNTAX Unresolved tag: tag:yaml.org,2002:js/function\n  fix: remove the tag, the word that begins with !',
    ],
    [
      'an alias of nothing',
      'budgets: *missing',
      'costspan.yaml:1:10 COSTSPAN_CONFIG_SYNTAX the alias *missing names no anchor\n  fix: define the anchor before it with &',
    ],
    [
      'brackets without end',
      'tenants: '.padEnd(20_000, '['),
      'costspan.yaml:1:COLUMN COSTSPAN_CONFIG_SYNTAX the document is nested more than 40 levels\n  fix: keep the file under 40 levels and 100000 values',
    ],
    [
      'an alias inside of its anchor',
      'tenants: &a { allow: *a }',
      'costspan.yaml:1:1 COSTSPAN_CONFIG_SYNTAX the document is nested more than 40 levels\n  fix: keep the file under 40 levels and 100000 values',
    ],
  ])('%s', (_name, text, expected) => {
    // Where the parser gives up depends on the stack that it has.
    const at = expected.includes(':COLUMN ')
      ? render(text).replace(/^(\S+:1:)\d+ /, '$1COLUMN ')
      : render(text);
    expect(at).toBe(expected);
  });

  it('reports every problem at once, in the order of the file', () => {
    const text = 'limits: { open_tasks: 0 }\nbudgetz: []\ntenants: { top: -1 }';
    const { errors } = parseConfig(text, { path: 'costspan.yaml' });
    expect(errors?.map(({ line, column, code, path }) => ({ line, column, code, path }))).toEqual([
      { line: 1, column: 23, code: 'COSTSPAN_CONFIG_WRONG_VALUE', path: 'limits.open_tasks' },
      { line: 2, column: 1, code: 'COSTSPAN_CONFIG_UNKNOWN_KEY', path: 'budgetz' },
      { line: 3, column: 17, code: 'COSTSPAN_CONFIG_WRONG_VALUE', path: 'tenants.top' },
    ]);
  });

  it.each([
    ['brackets without end', '['.repeat(100_000)],
    ['a file of another kind', 'x'.repeat(1_000_001)],
    ['aliases that unfold', unfolding()],
  ])('survives %s', (_name, text) => {
    const { errors } = parseConfig(text, { path: 'costspan.yaml' });
    expect(errors?.map(({ code }) => code)).toEqual(['COSTSPAN_CONFIG_SYNTAX']);
  });
});

/** Nine levels of ten aliases each: a billion values from 600 characters. */
function unfolding(): string {
  const levels = ['budgets: [', '&l0 [x]'];
  for (let level = 1; level < 10; level++) {
    levels.push(`, &l${level} [${Array.from({ length: 10 }, () => `*l${level - 1}`).join(', ')}]`);
  }
  return `${levels.join('')}]`;
}
