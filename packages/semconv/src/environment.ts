/** Environment variables of our own that an application and the commands read; `docs/environment.md` explains them. */
export const ENV = {
  CONFIG: 'COSTSPAN_CONFIG',
  ENABLED: 'COSTSPAN_ENABLED',
  FEATURE: 'COSTSPAN_FEATURE',
  INJECT_STREAM_USAGE: 'COSTSPAN_INJECT_STREAM_USAGE',
  UNKNOWN_HOSTS: 'COSTSPAN_UNKNOWN_HOSTS',
  METRICS_PORT: 'COSTSPAN_METRICS_PORT',
  EXPORT: 'COSTSPAN_EXPORT',
  EXIT_WAIT_MS: 'COSTSPAN_EXIT_WAIT_MS',
} as const;
