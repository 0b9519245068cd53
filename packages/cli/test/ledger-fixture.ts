import { openLedgerToWrite } from '@costspan/processor';
import { LEDGER_AMOUNTS, LEDGER_LABELS, restPicoUsd, wholeMicroUsd } from '../../processor/src/ledger/row.ts';
import { LedgerWriter } from '../../processor/src/ledger/writer.ts';

/** What one hour of one model is to be in a ledger. */
export interface Booked {
  readonly at: string;
  readonly provider: string;
  readonly model: string;
  readonly usd: number;
  readonly calls?: number;
  readonly unpriced?: number;
  readonly input?: number;
  readonly output?: number;
  readonly source?: string;
  /** Of the task; outside of any without it. */
  readonly outcome?: string;
  readonly tasks?: number;
}

/** Makes a ledger with the rows in it, as the processor writes them. */
export function writeLedger(directory: string, rows: readonly Booked[]): void {
  const writer = new LedgerWriter(openLedgerToWrite(directory));
  const postings = rows.map(({ at, provider, model, usd, ...more }) => {
    const named: Record<string, string> = {
      service: 'shop',
      feature: 'chat',
      provider,
      model,
      mode: 'standard',
      operation: 'chat',
      cost_source: more.source ?? 'local',
      outcome: more.outcome ?? 'untasked',
    };
    const picoUsd = Math.round(usd * 1e12);
    const [micro, rest] = [wholeMicroUsd(picoUsd), restPicoUsd(picoUsd)];
    const amounts: Record<string, number> = {
      calls: more.calls ?? 1,
      unpriced_calls: more.unpriced ?? 0,
      tasks: more.tasks ?? 0,
      input_tokens: more.input ?? 0,
      output_tokens: more.output ?? 0,
      list_micro_usd: micro,
      list_rest_pico_usd: rest,
      cost_micro_usd: micro,
      cost_rest_pico_usd: rest,
    };
    return {
      hourMs: Date.parse(at),
      labels: LEDGER_LABELS.map((label) => named[label] ?? ''),
      amounts: LEDGER_AMOUNTS.map((amount) => amounts[amount] ?? 0),
    };
  });
  writer.write(postings, 1, { mustLast: true });
  writer.close();
}

/** Where a verb writes in a test, and what it wrote. */
export function createTerminal(env: Readonly<Record<string, string>> = {}) {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) } as unknown as NodeJS.WritableStream;
  return { terminal: { stdout: stream, stderr: stream, env }, read: () => written.join('') };
}
