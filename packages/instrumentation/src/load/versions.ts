import { type Gate, losesCalls, readManifest, refuseVersion } from './gate.js';

/** A copy of an SDK that is not recorded, and why. */
export interface RefusedSdk {
  readonly package: string;
  readonly version: string;
  readonly file: string;
  readonly refusal: string;
  /** Otherwise its calls are counted all the same, where they leave for the provider. */
  readonly losesCalls: boolean;
}

/**
 * Looks at every file that the application finds, by its URL, and tells of the first file of each copy of an SDK whose
 * version no gate takes: its classes may lie in files that nobody knows, so their announcement cannot be waited for.
 */
export function watchVersions(
  gates: readonly Gate[],
  onRefused: (sdk: RefusedSdk) => void,
): (url: string) => void {
  const names = [...new Set(gates.map(({ entry }) => entry.module.package))];
  const folder = new RegExp(`^.*/node_modules/(${names.join('|')})/`);
  const seen = new Set<string>();
  return (url) => {
    const match = folder.exec(url);
    if (match === null || seen.has(match[0])) return;
    seen.add(match[0]);
    const { version } = readManifest(url);
    const ours = gates.filter(({ entry }) => entry.module.package === match[1]);
    const refusals = ours.map(({ entry }) => refuseVersion(entry.module, version));
    if (refusals.includes(undefined)) return;
    const isLoss = ours.some(({ entry }) => losesCalls(entry));
    onRefused({ package: match[1]!, version, file: url, refusal: refusals[0]!, losesCalls: isLoss });
  };
}
