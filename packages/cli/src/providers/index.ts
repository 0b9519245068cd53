import { anthropic } from './anthropic.js';
import { bedrock } from './bedrock.js';
import type { BillSource } from './bill.js';
import { openai } from './openai.js';
import { openrouter } from './openrouter.js';

/** Name on the command line → where its bill comes from. */
export const BILL_SOURCES: Readonly<Record<string, BillSource>> = { openai, anthropic, openrouter, bedrock };
