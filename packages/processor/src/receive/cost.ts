import type { IncomingMessage, ServerResponse } from 'node:http';
import { picoUsdToUsdText } from '@costspan/pricing';
import { OVERFLOW_LABEL } from '@costspan/semconv';
import { LedgerQueryError, parseLedgerQuery } from '../ledger/query.js';
import type { LedgerQuery, LedgerRow } from '../ledger/reader.js';
import {
  costPerSuccess,
  foldOutcomes,
  type ReportRow,
  sumRows,
  trueCost,
  trueListCost,
  withOutcome,
} from '../ledger/report.js';
import { reply } from './reply.js';
import { RequestError } from './request-error.js';

/** Rows of one answer; what is cheaper is summed in one more. */
const MAX_ROWS = 10_000;
const PARAMETERS: readonly string[] = ['from', 'to', 'month', 'by', 'where'];
/** Of a parameter that is none, so much is told. */
const MAX_NAME_CHARS = 40;

/** Answers questions from the ledger; absent where there is none. */
export type ReadCost = (query: LedgerQuery) => Promise<LedgerRow[]>;

/** `GET /api/v1/cost?from&to&by=feature,model`, also `month` and `where=feature=chat`. */
export async function answerCost(
  readCost: ReadCost | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (readCost === undefined)
    throw new RequestError(404, 'no_ledger', { message: 'there is a ledger only with --data DIR' });
  const query = parseQuery(request.url ?? '');
  const rows = foldOutcomes(await readCost({ ...query, by: withOutcome(query.by) }), query.by);
  const answer = {
    from: new Date(query.fromMs).toISOString(),
    to: new Date(query.toMs).toISOString(),
    by: query.by,
    rows: boundRows(rows).map(renderRow),
  };
  reply(response, 200, { body: Buffer.from(JSON.stringify(answer)), encoding: 'json' });
}

function parseQuery(url: string): LedgerQuery {
  const { searchParams } = new URL(url, 'http://localhost');
  const one = (name: string): string | undefined => searchParams.get(name) ?? undefined;
  try {
    checkNames([...searchParams.keys()]);
    return parseLedgerQuery(
      {
        from: one('from'),
        to: one('to'),
        month: one('month'),
        by: one('by'),
        where: searchParams.getAll('where'),
      },
      Date.now(),
    );
  } catch (error) {
    if (!(error instanceof LedgerQueryError)) throw error;
    throw new RequestError(400, 'invalid_query', { message: `${error.message}; ${error.fix}` });
  }
}

/** A name that is mistyped or twice there would be answered with the sum of another period. */
function checkNames(names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    if (!PARAMETERS.includes(name))
      throw new LedgerQueryError(`there is no parameter ${JSON.stringify(name.slice(0, MAX_NAME_CHARS))}`, {
        fix: `use ${PARAMETERS.join(', ')}`,
      });
    if (name !== 'where' && names.indexOf(name) !== index)
      throw new LedgerQueryError(`${name} is there twice`, { fix: 'leave one out' });
  }
}

/** The sum stays whole. */
function boundRows(rows: readonly ReportRow[]): readonly ReportRow[] {
  if (rows.length <= MAX_ROWS) return rows;
  const rest = sumRows(rows.slice(MAX_ROWS));
  const labels = Object.fromEntries(Object.keys(rows[0]?.labels ?? {}).map((name) => [name, OVERFLOW_LABEL]));
  return [...rows.slice(0, MAX_ROWS), { ...rest, labels }];
}

/** Money as decimal text: a double would round it. */
function renderRow(row: ReportRow): Record<string, string | number> {
  const perSuccess = costPerSuccess(row);
  return {
    ...row.labels,
    cost_usd: picoUsdToUsdText(trueCost(row)),
    list_cost_usd: picoUsdToUsdText(trueListCost(row)),
    booked_cost_usd: picoUsdToUsdText(row.costPicoUsd),
    correction_usd: picoUsdToUsdText(row.costCorrectionPicoUsd),
    calls: row.calls,
    unpriced_calls: row.unpricedCalls,
    tasks: row.tasks,
    successful_tasks: row.successes,
    ...(perSuccess === undefined ? {} : { cost_per_successful_task_usd: picoUsdToUsdText(perSuccess) }),
    input_tokens: row.inputTokens,
    cache_read_tokens: row.cacheReadTokens,
    cache_write_tokens: row.cacheWriteTokens,
    output_tokens: row.outputTokens,
    reasoning_tokens: row.reasoningTokens,
  };
}
