/** A series that Prometheus computes ahead. Named level:metric:operation, the level being the labels that are left. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  /** Stands above the rule in the file. */
  readonly comment?: string;
}

/** `page`: someone must look now. `ticket`: someone must look this week. */
export type Severity = 'page' | 'ticket';

/** A condition that someone should know of. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it must hold. */
  readonly for?: string;
  readonly labels: { readonly severity: Severity };
  readonly annotations: {
    /** One sentence with the numbers in it. */
    readonly summary: string;
    /** Path of the page in this repository that says what to look at first. */
    readonly runbook: string;
  };
}

/** Rules that Prometheus evaluates in order, at one time. */
export interface RuleGroup {
  readonly name: string;
  /** Stands above the group in the file. */
  readonly comment: string;
  readonly interval: string;
  readonly rules: readonly (RecordingRule | AlertRule)[];
}
