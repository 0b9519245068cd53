/**
 * For tools that look at an application from the outside (`costspan doctor`, bundler plugins): which SDKs are known,
 * and where spans would go.
 */
import { FRAMEWORKS } from './frameworks/index.js';
import { losesCalls, refuseVersion } from './load/gate.js';
import type { ModuleGate } from './module-gate.js';
import { WIRE_SDKS } from './net/sdks.js';
import { PROVIDERS } from './providers/index.js';
import { readOtlpTarget } from './record/endpoint.js';
import { readExporters } from './record/environment.js';
import { OtlpPost } from './record/otlp-post.js';

/** An LLM SDK whose calls are recorded, in the versions `from` up to, but not including, `below`. */
export type SupportedSdk = Pick<ModuleGate, 'package' | 'versions' | 'signature'>;

/** Every SDK that this version of costspan records. */
export const SUPPORTED_SDKS: readonly SupportedSdk[] = PROVIDERS.map(({ module }) => module);

export { WIRE_SDKS };

/** An agent framework whose structure is recorded. */
export interface SupportedFramework extends SupportedSdk {
  /** Where a version is not recorded, its calls are not either. */
  readonly losesCalls: boolean;
}

/** Every agent framework that this version of costspan knows. */
export const SUPPORTED_FRAMEWORKS: readonly SupportedFramework[] = FRAMEWORKS.map((entry) => ({
  ...entry.module,
  losesCalls: losesCalls(entry),
}));

/** Why a version of a package is not recorded, as words; `undefined` when it is. */
export function checkModule(name: string, version: string): string | undefined {
  const gates = [...SUPPORTED_SDKS, ...SUPPORTED_FRAMEWORKS].filter((sdk) => sdk.package === name);
  if (gates.length === 0) return 'costspan does not know this package';
  const refusals = gates.map((gate) => refuseVersion(gate, version));
  return refusals.includes(undefined) ? undefined : refusals[0];
}

/** Whether the preload sends spans to a receiver: `OTEL_SDK_DISABLED` and `OTEL_TRACES_EXPORTER` may keep it from that. */
export const sendsSpans = (env: Readonly<Record<string, string | undefined>>): boolean =>
  readExporters(env).otlp;

/** Sends an export without spans as the preload would send its own; `error` says why nobody took it. Never rejects. */
export async function probeExporter(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly url: string; readonly error?: string }> {
  const target = readOtlpTarget(env);
  // The post by itself keeps no process from ending, and this one has to wait for the answer.
  const held = setInterval(() => undefined, target.timeoutMs);
  const result = await new OtlpPost(target).send(Buffer.from('{"resourceSpans":[]}'));
  clearInterval(held);
  return result.kind === 'sent' ? { url: target.url } : { url: target.url, error: readReason(result.error) };
}

/** A connection that was tried at several addresses fails with a list and no message of its own. */
function readReason(error: Error): string {
  const { code } = error as { code?: unknown };
  return error.message || (typeof code === 'string' ? code : error.name);
}
