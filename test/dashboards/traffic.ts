/** A made-up day of a shop: what the dashboards are tested and drawn with. */

export interface PlannedCall {
  readonly provider: string;
  readonly model: string;
  readonly operation: 'chat' | 'embeddings';
  readonly mode: 'standard' | 'batch';
  readonly tokens: {
    readonly input: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
    readonly output: number;
    readonly reasoning: number;
  };
  readonly durationSeconds: number;
  readonly firstChunkSeconds?: number;
  readonly retries: number;
  readonly status: 'ok' | 'error';
}

export interface PlannedTask {
  readonly service: string;
  readonly environment: string;
  readonly feature: string;
  readonly name: string;
  readonly userTier: string;
  readonly tenant: string;
  readonly outcome: 'success' | 'failure' | 'abandoned' | 'unknown';
  readonly calls: readonly PlannedCall[];
}

interface Model {
  readonly provider: string;
  /** USD per million tokens, for histories that no processor prices. */
  readonly usd: { readonly input: number; readonly cacheRead: number; readonly output: number };
  readonly tokensPerSecond: number;
}
export const MODELS: Readonly<Record<string, Model>> = {
  'gpt-5-mini': {
    provider: 'openai',
    usd: { input: 0.25, cacheRead: 0.025, output: 2 },
    tokensPerSecond: 160,
  },
  'gpt-4o-mini': {
    provider: 'openai',
    usd: { input: 0.15, cacheRead: 0.075, output: 0.6 },
    tokensPerSecond: 120,
  },
  'claude-sonnet-4-5': {
    provider: 'anthropic',
    usd: { input: 3, cacheRead: 0.3, output: 15 },
    tokensPerSecond: 70,
  },
  'claude-haiku-4-5': {
    provider: 'anthropic',
    usd: { input: 1, cacheRead: 0.1, output: 5 },
    tokensPerSecond: 140,
  },
  'text-embedding-3-small': {
    provider: 'openai',
    usd: { input: 0.02, cacheRead: 0.02, output: 0 },
    tokensPerSecond: 4_000,
  },
};

interface Feature {
  readonly service: string;
  readonly task: string;
  readonly models: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cached: number;
  readonly success: number;
  readonly attempts: number;
  readonly isBatch?: boolean;
}
const FEATURES: Readonly<Record<string, Feature>> = {
  'support-chat': {
    service: 'shop',
    task: 'resolve-ticket',
    models: ['gpt-5-mini', 'text-embedding-3-small'],
    inputTokens: 5_000,
    outputTokens: 450,
    cached: 0.7,
    success: 0.78,
    attempts: 3,
  },
  'order-summary': {
    service: 'shop',
    task: 'summarise-order',
    models: ['gpt-4o-mini'],
    inputTokens: 1_800,
    outputTokens: 220,
    cached: 0.4,
    success: 0.97,
    attempts: 1,
  },
  'contract-review': {
    service: 'backoffice',
    task: 'review-contract',
    models: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
    inputTokens: 14_000,
    outputTokens: 1_200,
    cached: 0.55,
    success: 0.9,
    attempts: 2,
  },
  'product-search': {
    service: 'shop',
    task: 'search',
    models: ['text-embedding-3-small', 'claude-haiku-4-5'],
    inputTokens: 900,
    outputTokens: 80,
    cached: 0.1,
    success: 0.86,
    attempts: 1,
  },
  'nightly-tagging': {
    service: 'backoffice',
    task: 'tag-products',
    models: ['gpt-4o-mini'],
    inputTokens: 6_000,
    outputTokens: 900,
    cached: 0.2,
    success: 0.995,
    attempts: 1,
    isBatch: true,
  },
};
const TIERS = ['free', 'free', 'pro', 'pro', 'pro', 'enterprise'];
const TENANTS = ['acme', 'acme', 'acme', 'globex', 'globex', 'initech', 'umbrella', ''];

type Random = () => number;
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const around = (random: Random, value: number): number => Math.round(value * (0.4 + 1.2 * random()));

/** The tasks of one minute of the day, by the hour: office hours, an evening, a batch at night. */
export function planMinute(random: Random, hour: number): PlannedTask[] {
  const office = Math.max(0, Math.sin(((hour - 6) / 15) * Math.PI));
  const counts: Readonly<Record<string, number>> = {
    'support-chat': 1 + 9 * office,
    'order-summary': 2 + 5 * office,
    'contract-review': hour >= 8 && hour < 19 ? 1.6 * office : 0.1,
    'product-search': 3 + 8 * office,
    'nightly-tagging': hour >= 1 && hour < 3 ? 30 : 0.02,
  };
  return Object.entries(counts).flatMap(([feature, mean]) => {
    const count = Math.floor(mean) + (random() < mean % 1 ? 1 : 0);
    return Array.from({ length: count }, () => planTask(random, feature));
  });
}

/** One task of a feature, with its calls. */
export function planTask(random: Random, feature: string): PlannedTask {
  const { service, task, models, success, attempts, isBatch } = FEATURES[feature]!;
  const roll = random();
  const rest = (roll - success) / (1 - success);
  const failed = rest < 0.55 ? 'failure' : rest < 0.8 ? 'abandoned' : 'unknown';
  const count = 1 + Math.floor(random() * attempts);
  return {
    service,
    environment: random() < 0.06 ? 'staging' : 'prod',
    feature,
    name: task,
    userTier: isBatch === true ? '' : pick(random, TIERS),
    tenant: isBatch === true ? '' : pick(random, TENANTS),
    outcome: roll < success ? 'success' : failed,
    calls: Array.from({ length: count }, (_, index) =>
      planCall(random, { feature: FEATURES[feature]!, model: models[index % models.length]! }),
    ),
  };
}

/** The features, for tests that need each of them. */
export const FEATURE_NAMES: readonly string[] = Object.keys(FEATURES);

function planCall(random: Random, { feature, model }: { feature: Feature; model: string }): PlannedCall {
  const { provider, tokensPerSecond } = MODELS[model]!;
  const isEmbedding = model.includes('embedding');
  const input = around(random, isEmbedding ? 400 : feature.inputTokens);
  const cacheRead = isEmbedding || random() > 0.85 ? 0 : Math.round(input * feature.cached);
  const output = isEmbedding ? 0 : around(random, feature.outputTokens);
  const reasoning = model.startsWith('gpt-5') ? Math.round(output * 0.6) : 0;
  const firstChunkSeconds = 0.2 + random() * 0.9 + input / 40_000;
  const status = random() < 0.012 ? 'error' : 'ok';
  return {
    provider,
    model,
    operation: isEmbedding ? 'embeddings' : 'chat',
    mode: feature.isBatch === true ? 'batch' : 'standard',
    tokens: { input: input - cacheRead, cacheRead, cacheWrite: 0, output: output - reasoning, reasoning },
    durationSeconds: firstChunkSeconds + output / tokensPerSecond,
    ...(!isEmbedding && feature.isBatch !== true && { firstChunkSeconds }),
    retries: random() < 0.03 ? 1 : 0,
    status,
  };
}
