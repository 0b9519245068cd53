import { findWanted, withAnnouncements } from '../load/announce.js';
import { type Gate, type Manifest, readManifest } from '../load/gate.js';

/**
 * The text of an SDK's file as a bundle must have it: it names the package and its version, since the bundle lies
 * outside the package, and no path of the machine that built it. `undefined` for a file that defines no client.
 */
export function announceFile(path: string, text: string, gates: readonly Gate[]): string | undefined {
  const manifest = readManifestOf(path);
  if (manifest === undefined) return undefined;
  const { name, version } = manifest;
  let announcing: string | undefined;
  for (const gate of gates) {
    const { pattern, entry } = gate;
    if (entry.module.package !== name || !pattern.test(path)) continue;
    const found = findWanted(text, gate);
    if (found === undefined) continue;
    const announcer = { ...found, file: 'bundle', package: name, version };
    announcing = withAnnouncements(announcing ?? text, announcer);
  }
  return announcing;
}

function readManifestOf(path: string): Manifest | undefined {
  try {
    return readManifest(path);
  } catch {
    return undefined;
  }
}
