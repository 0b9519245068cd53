import { createRequire } from 'node:module';

const load = createRequire(__filename);
const loaded = new Map<string, unknown>();

/**
 * `require` for what is loaded only when it is needed. Module paths are relative to this file; the compiler checks
 * neither, so each use names the type of what it loads. What has been loaded is remembered here: Node's own way to it
 * leads through everybody's resolve hooks, each time.
 */
export function requireLazily(path: string): unknown {
  let module = loaded.get(path);
  if (module === undefined) {
    module = load(path);
    loaded.set(path, module);
  }
  return module;
}
