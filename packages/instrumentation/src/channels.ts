import { channel } from 'node:diagnostics_channel';

/**
 * Where costspan tells those who look on (`costspan doctor`) what it does, on Node's own diagnostics channels. Nobody
 * listens in production: who publishes asks `hasSubscribers` first.
 */
export const CHANNEL = {
  /** `{ package, version, file, isRecorded }` of every class of an LLM SDK or a framework that was loaded. */
  SDK: channel('costspan:sdk'),
  /** `{ name, attributes }` of every finished span. */
  SPAN: channel('costspan:span'),
  /** `{ to, error? }` of every batch of spans: a URL or the application's own provider, and what went wrong. */
  EXPORT: channel('costspan:export'),
} as const;
