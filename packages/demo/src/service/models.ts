import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

/** Which model does which job: cheap ones sort and summarise, dear ones decide and answer. */
export const MODELS = {
  triage: 'gpt-4o-mini',
  tools: 'gpt-4.1',
  summary: 'gpt-5-mini',
  embedding: 'text-embedding-3-small',
  answer: 'claude-sonnet-4-6',
  chat: 'claude-haiku-4-5',
} as const;

/** Keys and base URLs come from the environment, as the SDKs read them. */
export const openai = new OpenAI({ maxRetries: 3, timeout: 30_000 });
export const anthropic = new Anthropic({ maxRetries: 3, timeout: 30_000 });
