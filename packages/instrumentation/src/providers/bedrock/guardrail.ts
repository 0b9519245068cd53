import type { Usage } from '@costspan/pricing';
import { OPERATION } from '@costspan/semconv';
import type { CallResult, MethodEndpoint } from '../../provider.js';
import { type Fields, omitEmpty, omitUndefined, readCount, readFields } from '../fields.js';
import { readBedrockRequest, readCommand, SENT } from './request.js';

/** Policies of a guardrail that are billed by the unit of text or the image; others are free. */
const UNITS: Readonly<Record<string, string>> = {
  topicPolicyUnits: 'guardrail_topic',
  contentPolicyUnits: 'guardrail_content',
  contentPolicyImageUnits: 'guardrail_image',
  sensitiveInformationPolicyUnits: 'guardrail_sensitive_information',
  contextualGroundingPolicyUnits: 'guardrail_contextual_grounding',
  automatedReasoningPolicyUnits: 'guardrail_automated_reasoning',
};

/** Requests to tools, by tool. */
export type ToolCounts = NonNullable<Usage['toolRequests']>;

/** The billed units of several lists of them, added up. */
export function countGuardrailUnits(...lists: readonly Fields[]): ToolCounts {
  const counts: Record<string, number> = {};
  for (const units of lists) {
    for (const unit in UNITS) {
      const count = readCount(units[unit]) ?? 0;
      if (count > 0) counts[UNITS[unit]!] = (counts[UNITS[unit]!] ?? 0) + count * countPolicies(unit, units);
    }
  }
  return counts;
}

/** Reasoning is billed by the unit and policy, everything else by the unit. */
const countPolicies = (unit: string, { automatedReasoningPolicies }: Fields): number =>
  unit === 'automatedReasoningPolicyUnits' ? Math.max(1, readCount(automatedReasoningPolicies) ?? 1) : 1;

/** What guardrails have no other model for: its prices are those of their units. */
const MODEL = 'amazon.guardrail';

/** `ApplyGuardrail`: a guardrail by itself, without a model behind it. */
export const applyGuardrail: MethodEndpoint = {
  ...SENT,
  name: 'apply-guardrail',
  readSent: readCommand('ApplyGuardrailCommand'),
  readRequest: (call) => ({
    ...readBedrockRequest(call, { operation: OPERATION.APPLY_GUARDRAIL }),
    model: MODEL,
  }),
  readResponse(body): CallResult {
    const units = readFields(readFields(body).usage);
    const isCounted = Object.keys(UNITS).some((unit) => readCount(units[unit]) !== undefined);
    return isCounted ? readUnits(countGuardrailUnits(units)) : { usageStatus: 'missing' };
  },
};

/** A guardrail without a model uses nothing but its units. */
const readUnits = (counts: ToolCounts): CallResult => ({
  usageStatus: 'complete',
  usage: omitUndefined<Usage>({
    inputTokens: 0,
    outputTokens: 0,
    toolRequests: omitEmpty<ToolCounts>(counts),
  }),
});

const CHECKS: Readonly<Record<string, string>> = {
  contentFilter: 'guardrail_check_content',
  promptAttack: 'guardrail_check_prompt_attack',
  sensitiveInformation: 'guardrail_check_sensitive_information',
};

/** `InvokeGuardrailChecks`: checks that are named in the request, at prices of their own. */
export const guardrailChecks: MethodEndpoint = {
  ...applyGuardrail,
  name: 'guardrail-checks',
  readSent: readCommand('InvokeGuardrailChecksCommand'),
  readResponse(body): CallResult {
    const usage = readFields(readFields(body).usage);
    const counted = Object.entries(CHECKS).flatMap(([check, tool]): [string, number][] => {
      const units = readCount(readFields(usage[check]).textUnits);
      return units === undefined ? [] : [[tool, units]];
    });
    return counted.length === 0 ? { usageStatus: 'missing' } : readUnits(Object.fromEntries(counted));
  },
};
