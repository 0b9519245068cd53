import type { ClickHouseConfig, Config } from '@costspan/config';
import { describeFetchFailure } from '../../fetch-failure.js';
import { LedgerError } from '../database.js';
import type { Batch } from './outbox.js';

const TIMEOUT_MS = 10_000;
/** Of its answer to a failure, this much tells what is wrong. */
const MAX_MESSAGE_CHARS = 200;

/** ClickHouse by its HTTP interface. */
export class ClickHouse {
  readonly #config: ClickHouseConfig;
  readonly #password: string | undefined;

  constructor(config: ClickHouseConfig, env: Readonly<Record<string, string | undefined>>) {
    this.#config = config;
    this.#password = readPassword(config, env);
  }

  /** Resolves once ClickHouse has the batch on its disk; a second time under the same name adds nothing. */
  async insert({ lines }: Batch, name: string): Promise<void> {
    await this.#ask('INSERT INTO entry FORMAT JSONEachRow', {
      body: lines,
      settings: {
        async_insert: '0',
        insert_deduplicate: '1',
        insert_deduplication_token: name,
        deduplicate_blocks_in_dependent_materialized_views: '1',
      },
    });
  }

  /** The rows of an answer, one list of texts each. */
  async select(query: string, parameters: Readonly<Record<string, string>>): Promise<string[][]> {
    const settings = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [`param_${name}`, value]),
    );
    const text = await this.#ask(`${query} FORMAT JSONCompactStringsEachRow`, { settings });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as string[]);
  }

  async #ask(query: string, options: { settings: Record<string, string>; body?: string }): Promise<string> {
    const { url, database, user } = this.#config;
    const target = new URL(url);
    for (const [name, value] of Object.entries({ database, query, ...options.settings }))
      target.searchParams.set(name, value);
    const headers = {
      ...(user === undefined ? {} : { 'x-clickhouse-user': user }),
      ...(this.#password === undefined ? {} : { 'x-clickhouse-key': this.#password }),
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = { method: 'POST', headers, body: options.body ?? '', signal };
    let response: Response;
    try {
      response = await fetch(target, sent);
    } catch (error) {
      throw createFailure(describeFetchFailure(error));
    }
    const text = await response.text();
    if (!response.ok) throw createFailure(`HTTP ${response.status}: ${text.slice(0, MAX_MESSAGE_CHARS)}`);
    return text;
  }
}

/** Where the configuration says that the ledger goes; undefined when it stays in a file. */
export const createClickHouse = (
  { ledger }: Config,
  env: Readonly<Record<string, string | undefined>>,
): ClickHouse | undefined =>
  ledger.clickhouse === undefined ? undefined : new ClickHouse(ledger.clickhouse, env);

/** One that is named and not there would be refused by ClickHouse much later. */
function readPassword(
  { passwordEnv }: ClickHouseConfig,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (passwordEnv === undefined) return undefined;
  const password = env[passwordEnv];
  if (password !== undefined) return password;
  throw new LedgerError({
    code: 'COSTSPAN_CLICKHOUSE',
    message: `the password of ClickHouse in ${passwordEnv} is not set`,
    fix: `set ${passwordEnv}, or remove ledger.clickhouse.password_env`,
  });
}

const createFailure = (message: string): LedgerError =>
  new LedgerError({
    code: 'COSTSPAN_CLICKHOUSE',
    message: `ClickHouse does not do it (${message})`,
    fix: 'check ledger.clickhouse, and that collector-config/clickhouse/entries.sql was run there; what waits is sent again',
  });
