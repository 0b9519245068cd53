import type { PriceMode } from '@costspan/semconv';
import { readFields } from '../fields.js';
import { readMode } from '../google/usage.js';

/** What the response's service tier says about the rate. */
export interface Tier {
  readonly mode?: PriceMode;
  readonly estimatedReason?: string;
}

/** Tiers as the response names them. What was asked for (`auto`, `fast`) is only a wish: the response says what was served. */
const TIERS: Readonly<Record<string, Tier>> = {
  auto: { mode: 'standard' },
  default: { mode: 'standard' },
  standard: { mode: 'standard' },
  on_demand: { mode: 'standard' },
  flex: { mode: 'flex' },
  priority: { mode: 'priority' },
  // OpenAI serves `fast` as `priority` and bills it so.
  fast: { mode: 'priority' },
  batch: { mode: 'batch' },
  // Prepaid units: no price per token exists.
  scale: { mode: 'provisioned' },
};

/**
 * Rate of a `service_tier`, OpenAI-style APIs; nothing when the response names none. Vertex AI's compatible endpoint
 * states the kind of traffic in its usage instead.
 */
export function readTier(serviceTier: string | undefined, usage: unknown): Tier {
  const { traffic_type } = readFields(readFields(readFields(usage).extra_properties).google);
  if (traffic_type !== undefined) return readMode(traffic_type, undefined);
  if (serviceTier === undefined) return {};
  return Object.hasOwn(TIERS, serviceTier) ? TIERS[serviceTier]! : { estimatedReason: 'unknown_tier' };
}
