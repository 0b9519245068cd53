import { type RenderGrafanaOptions, renderKubernetesRules, renderRules } from '@costspan/monitoring';

/** For whom the rules are written. */
export const RULE_FORMATS = ['prometheus', 'kubernetes'] as const;
export type RuleFormat = (typeof RULE_FORMATS)[number];

const RENDERERS: Readonly<Record<RuleFormat, (options: RenderGrafanaOptions) => string>> = {
  prometheus: renderRules,
  kubernetes: renderKubernetesRules,
};

export const renderRulesAs = (format: RuleFormat, options: RenderGrafanaOptions): string =>
  RENDERERS[format](options);
