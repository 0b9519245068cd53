import { SUPPORTED_FRAMEWORKS } from '@costspan/instrumentation/inspect';
import type { Finding } from './finding.js';

/** A copy of an LLM SDK or of a framework, installed or loaded. */
export interface SdkCopy {
  readonly package: string;
  /** As text: its name, its version and where it lies. */
  readonly place: string;
  /** Why it is not recorded, in words; `undefined` when it is. */
  readonly refusal: string | undefined;
  /** What to do about that. */
  readonly fix: string;
}

/** Of a framework that is not recorded most often only structure is missing: that is told, and is no problem. */
export function describeCopy(copy: SdkCopy, recorded: string): Finding {
  const framework = SUPPORTED_FRAMEWORKS.find(({ package: name }) => name === copy.package);
  const subject = framework === undefined ? 'sdk' : 'framework';
  const { place, refusal, fix } = copy;
  if (refusal === undefined) return { subject, state: 'ok', text: `${place}: ${recorded}` };
  if (framework?.losesCalls === false)
    return {
      subject,
      state: 'unknown',
      text: `${place}: its agents and tools are NOT recorded, its calls are counted: ${refusal}`,
      fix,
    };
  return { subject, state: 'problem', text: `${place}: NOT recorded, ${refusal}`, fix };
}

/** Of an SDK that nothing is patched in its version does not matter: its requests tell. */
export const describeWireSdk = (place: string, isRead: boolean): Finding =>
  isRead
    ? { subject: 'sdk', state: 'ok', text: `${place}: will be recorded by what it sends` }
    : {
        subject: 'sdk',
        state: 'unknown',
        text: `${place}: its calls will be counted by what it sends, without a price`,
        fix: 'nothing; what they cost, only the bill of its provider tells',
      };
