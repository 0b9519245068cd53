import type { CallRecord } from '../records.js';
import { AlikeKey, type Family } from './alike-lists.js';
import { isAnonymousLayer, isOwn } from './emitters.js';
import { familyOf } from './families.js';

/** What a report of a layer, which may know no id of the answer, and another report of the same call have in common. */
export interface Usage {
  readonly service: string;
  readonly family: Family;
  /** {@link UNTOLD} where they are not known, as of a call that failed: such reports have that in common. */
  readonly tokens: UsedTokens;
  /** Whether it may be told with tokens of its own, or is. Only what costspan itself has seen is sure enough for that. */
  readonly isLayered: boolean;
}

interface UsedTokens {
  readonly input: number;
  readonly output: number;
}
/** No call uses nothing. */
const UNTOLD: UsedTokens = { input: 0, output: 0 };

/** The keys of a usage, used again for the next one: objects for each call would be garbage. */
export class UsageKeys {
  readonly #usage = new AlikeKey('usage');
  readonly #layer = new AlikeKey('layer');
  layer: AlikeKey | undefined;

  get usage(): AlikeKey {
    return this.#usage;
  }

  set({ service, family, tokens, isLayered }: Usage): this {
    this.#usage.set(service, family, tokens);
    this.layer = isLayered ? this.#layer.set(service, family) : undefined;
    return this;
  }
}

/** A call and what it may be recognised by. */
export interface Report {
  readonly call: CallRecord;
  /** The provider's id of the answer. */
  readonly answer: AlikeKey | undefined;
  /** Found for those that are told by a layer, or while one is remembered: see {@link keysOf}. */
  keys: UsageKeys | undefined;
}

const ANSWER = new AlikeKey('answer');
const KEYS = new UsageKeys();

/** What it returns holds until the next report is read. */
export const readReport = (call: CallRecord): Report => ({
  call,
  answer: call.responseId === undefined ? undefined : ANSWER.set(call.responseId),
  keys: undefined,
});

/** Read once: where their lists were found is known by them. */
export function keysOf(report: Report): UsageKeys {
  report.keys ??= KEYS.set(readUsage(report.call));
  return report.keys;
}

type Tokens = NonNullable<CallRecord['tokens']>;
/** All that was read and all that was made: layers tell no parts of them, or other ones. */
export const inputOf = ({ input, cacheRead, cacheWrite }: Tokens): number => input + cacheRead + cacheWrite;
export const outputOf = ({ output, reasoning }: Tokens): number => output + reasoning;

export function readUsage(call: CallRecord): Usage {
  const { tokens, service } = call;
  return {
    service,
    family: familyOf(call),
    tokens: tokens === undefined ? UNTOLD : { input: inputOf(tokens), output: outputOf(tokens) },
    isLayered: isOwn(call) || isAnonymousLayer(call),
  };
}
