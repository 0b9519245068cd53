import { type BilledReply, startProviderServer } from '@costspan/testkit';
import { createMoods } from '../traffic/moods.js';
import type { Cleanup } from './cleanup.js';

/** The providers as the service sees them. */
export interface Providers {
  readonly env: Readonly<Record<string, string>>;
  /** What each of them is, for people to read. */
  readonly description: string;
  /** The stand-in's own log; empty where all providers are real. */
  readonly log: readonly BilledReply[];
  /** Whether every call went to the stand-in, so that its log is the whole bill. */
  readonly isBillComplete: boolean;
  waitUntilIdle(): Promise<void>;
}

/** Starts the stand-in, and leaves out of its hands, when `isLive`, each provider that there is a key for. */
export async function startProviders(
  { isLive, seed }: { isLive: boolean; seed: number },
  cleanup: Cleanup,
): Promise<Providers> {
  const server = await startProviderServer({ script: createMoods(seed) });
  cleanup.add(() => server.close());
  const standIns: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['OpenAI', 'OPENAI_API_KEY', { OPENAI_API_KEY: 'stand-in', OPENAI_BASE_URL: server.openaiUrl }],
    ['Anthropic', 'ANTHROPIC_API_KEY', { ANTHROPIC_API_KEY: 'stand-in', ANTHROPIC_BASE_URL: server.origin }],
  ];
  const replaced = standIns.filter(([, keyName]) => !isLive || (process.env[keyName] ?? '') === '');
  if (isLive && replaced.length === standIns.length) {
    throw new Error('--live finds no key: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or leave --live out');
  }
  const describe = ([name]: (typeof standIns)[number]) =>
    `${name}: ${replaced.some(([other]) => other === name) ? 'a local stand-in' : 'the real one'}`;
  return {
    env: Object.assign({}, ...replaced.map(([, , env]) => env)),
    description: standIns.map(describe).join(', '),
    log: server.log,
    isBillComplete: replaced.length === standIns.length,
    waitUntilIdle: () => server.waitUntilIdle(),
  };
}
