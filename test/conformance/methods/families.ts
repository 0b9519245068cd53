import { anthropicBedrock, anthropicFoundry, anthropicVertex } from './anthropic-clouds.ts';
import { bedrock } from './bedrock.ts';
import { bedrockAgent, bedrockAgentRuntime, bedrockControl } from './bedrock-agents.ts';
import { cohere } from './cohere.ts';
import type { Family } from './family.ts';
import { generativeAi, googleGenai, vertexai } from './google.ts';
import { mistral } from './mistral.ts';
import { ollama } from './ollama.ts';
import { openrouter } from './openrouter.ts';
import { voyage } from './voyage.ts';

/** Every SDK whose endpoints are methods; a new one is a line here, its file beside this one and one in `app/`. */
export const FAMILIES: readonly Family[] = [
  ollama,
  googleGenai,
  generativeAi,
  vertexai,
  bedrock,
  bedrockAgentRuntime,
  bedrockAgent,
  bedrockControl,
  anthropicBedrock,
  anthropicVertex,
  anthropicFoundry,
  mistral,
  cohere,
  openrouter,
  voyage,
];
