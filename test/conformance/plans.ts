/** How the calls of each scenario end. */
import { type BilledReply, isObject, type JsonObject, readArray, readObject } from '@costspan/testkit';
import type { Family, Sdk } from './matrix.ts';
import { BATCH_ANSWERS } from './other-replies.ts';

/** How much of the usage can be known: all, the input of a message stream that was cut, nothing, or nothing was billed. */
export type Known = 'whole' | 'input' | 'none' | 'unanswered' | 'free';

/** How one call of a scenario ends, as far as it differs from a plain success. */
export interface Plan {
  readonly outcome?: 'ok' | 'aborted' | 'error';
  /** `thrown`: the status or class of what the application caught; `any`: the application sees a wrapper. */
  readonly errorType?: 'thrown' | 'any' | (string & {});
  readonly known?: Known;
  /** Finish reasons; `undefined` where the response said none. */
  readonly finish?: readonly string[] | undefined;
  readonly resends?: number;
  /** Position of the answer among those of the scenario; 0 where no response id is known. */
  readonly answer?: number;
  readonly hasFirstChunk?: boolean;
  /** Divides the list price. */
  readonly discount?: bigint;
  readonly operation?: string;
  /** An answer that came with others in one reply. */
  readonly billed?: { readonly id: string; readonly usage: JsonObject };
}

/** One scenario of one run. */
export interface Played {
  readonly sdk: Sdk;
  readonly endpoint: string;
  readonly scenario: string;
  /** The transcript's line. */
  readonly line: string;
  readonly log: readonly BilledReply[];
}

const NOTHING: Plan = { known: 'none', finish: undefined, answer: 0, hasFirstChunk: false };
/** The provider refused, or was not reached. */
const refused = (errorType: string): Plan => ({
  ...NOTHING,
  known: 'unanswered',
  outcome: 'error',
  errorType,
});
const ABORTED_BEFORE_ANSWER: Plan = { ...NOTHING, outcome: 'aborted' };
/** The application stopped reading in the middle of a stream. */
const brokenOff = (family: Family): Plan => ({
  outcome: 'aborted',
  known: family === 'anthropic' ? 'input' : 'none',
  finish: ['error'],
});
const broken = (family: Family, errorType: string): Plan => ({
  ...brokenOff(family),
  outcome: 'error',
  errorType,
});
const toolLoop = (reason: string): readonly Plan[] => [{ finish: [reason] }, { answer: 2 }];
const FETCH: Plan = { operation: 'fetch_response', known: 'free' };

type Planner = (played: Played) => readonly Plan[];
const one =
  (plan: Plan): Planner =>
  () => [plan];

const NOT_PLAIN: Readonly<Record<string, Planner>> = {
  'never-awaited': one(ABORTED_BEFORE_ANSWER),
  'as-response-unread': ({ sdk }) => [sdk.hasNodeFetch ? {} : ABORTED_BEFORE_ANSWER],
  // So is its copy.
  'as-response-clone-url': ({ sdk }) => [sdk.hasNodeFetch ? {} : ABORTED_BEFORE_ANSWER],
  // All of a small body comes at once: who leaves after that has read it.
  'as-response-left': one({}),
  'as-response-cut': one(refused('any')),
  'abort-before': one(ABORTED_BEFORE_ANSWER),
  'abort-waiting': one(ABORTED_BEFORE_ANSWER),
  'stream-abort-before': one(ABORTED_BEFORE_ANSWER),
  'stream-abort-waiting': one(ABORTED_BEFORE_ANSWER),
  'stream-unread': one(ABORTED_BEFORE_ANSWER),
  'malformed-json': one(refused('thrown')),
  'status-400': one(refused('400')),
  'status-401': one(refused('401')),
  'status-404': one(refused('404')),
  'status-529': one(refused('529')),
  'status-500-with-response': one(refused('500')),
  'status-500-as-response': one(refused('500')),
  'status-500-unhandled': one(refused('500')),
  'status-500-for-ever': ({ sdk }) => [
    sdk.isFailureFinal ? refused('500') : { ...refused('500'), resends: 1 },
  ],
  'status-429-then-success': one({ resends: 1, answer: 2 }),
  'status-500-then-success': one({ resends: 1, answer: 2 }),
  'stream-status-429': one(refused('429')),
  'stream-bad-request': one(refused('400')),
  'helper-stream-failed': one(refused('401')),
  'connection-reset': one(refused('APIConnectionError')),
  'connection-refused': one(refused('APIConnectionError')),
  timeout: one(refused('APIConnectionTimeoutError')),
  'odd-empty-object': one(NOTHING),
  'odd-null': one(NOTHING),
  'odd-array': one(NOTHING),
  'odd-text': one(NOTHING),
  'odd-no-content': one(NOTHING),
  'odd-wrong-types': one(NOTHING),
  'no-usage': one({ known: 'none' }),
  'stream-break': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-throw-in-loop': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-throw-by-hand': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-return': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-readable-cancelled': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-abort-inside': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-controller-abort': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-as-response-left': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-left-before-usage': one({ outcome: 'aborted', known: 'none' }),
  'stream-aborted-unread': one(ABORTED_BEFORE_ANSWER),
  'stream-aborted-unawaited': one(ABORTED_BEFORE_ANSWER),
  'stream-controller-aborted-unread': one(ABORTED_BEFORE_ANSWER),
  'stream-as-response-aborted-unread': one(ABORTED_BEFORE_ANSWER),
  'stream-aborted-left': ({ sdk }) => [brokenOff(sdk.family)],
  'helper-stream-break': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-as-response-cut': ({ sdk }) => [broken(sdk.family, 'any')],
  // openai 5 and 6 hand the error event of a responses stream on as any other.
  'stream-error-event': ({ sdk, line }) =>
    findThrown(JSON.parse(line)) === undefined
      ? [broken(sdk.family, 'server_error')]
      : [broken(sdk.family, 'thrown')],
  'stream-ended-early': ({ sdk }) => [{ ...brokenOff(sdk.family), outcome: 'ok' }],
  choices: one({ finish: ['stop', 'stop', 'stop'] }),
  'stream-choices': one({ finish: ['stop', 'stop'] }),
  settings: ({ sdk }) => [sdk.family === 'openai' ? { discount: 2n } : {}],
  'run-tools': () => toolLoop('tool_calls'),
  'run-tools-stream': () => toolLoop('tool_calls'),
  'tool-runner': () => toolLoop('tool_use'),
  'tool-runner-stream': () => toolLoop('tool_use'),
  'stream-usage-refused': () => [{ known: 'none' }, { known: 'none' }],
  failed: one({ outcome: 'error', errorType: 'server_error', finish: ['error'] }),
  incomplete: one({ finish: ['max_output_tokens'] }),
  background: () => [{}, FETCH, FETCH],
  'background-never-retrieved': one({ known: 'none', finish: undefined }),
  'retrieved-later': () => [{}, FETCH],
  'not-recorded': () => [],
  'batch-read': planBatch,
  'batch-read-twice': planBatch,
  'batch-cut-then-whole': planBatch,
  'batch-streamed': planBatch,
  'batch-left': (played) => planBatch(played).slice(0, 1),
  'batch-failed': () => [],
  'other-file': () => [],
};

/** True where this version of the SDK does not have the helper; the run without costspan says the same. */
export const isAbsent = (line: string): boolean =>
  /"threw":\{"error":"TypeError".{1,200}(?:is not a (?:function|constructor)|of undefined \(reading '\w+'\))/.test(
    line,
  );

/** How the calls of a scenario end, in the order in which they begin. */
export const planCalls = (played: Played): readonly Plan[] =>
  played.scenario.startsWith('stream-cut-')
    ? [planCut(played)]
    : (NOT_PLAIN[played.scenario] ?? one({}))(played);

/** Each answer once, however often it was read, at half the price. */
function planBatch({ endpoint }: Played): readonly Plan[] {
  return BATCH_ANSWERS[endpoint]!.map((billed) => ({ billed, discount: 2n, hasFirstChunk: false }));
}

/** How far a cut stream came is what the application saw of it. */
function planCut({ sdk, line }: Played): Plan {
  const { chunks } = readObject(readObject(readObject(JSON.parse(line)).observed).returned);
  const seen = readArray(chunks).map(readObject);
  if (seen.length === 0) return refused('thrown');
  const cut = broken(sdk.family, 'thrown');
  if (seen.some(({ type }) => type === 'message_delta'))
    return { ...cut, known: 'whole', finish: ['end_turn'] };
  const isFinished = seen.some(({ choices }) => readObject(readArray(choices)[0]).finish_reason === 'stop');
  if (!isFinished) return cut;
  // Some hosts state the usage beside the last choice.
  const hasUsage = sdk.isCompatible && seen.some(({ usage }) => isObject(usage));
  return { ...cut, finish: ['stop'], ...(hasUsage ? { known: 'whole' } : {}) };
}

/** What the application caught, as its line tells it. */
export function findThrown(value: unknown): Record<string, unknown> | undefined {
  if (!isObject(value)) return undefined;
  if (isObject(value.threw)) return value.threw;
  return Object.values(value)
    .map(findThrown)
    .find((found) => found !== undefined);
}
