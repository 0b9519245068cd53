import { type Config, loadConfig, renderConfigErrors } from '@costspan/config';
import { EXIT, type Terminal } from './verb.js';

/** The config of this call, or the exit code after its errors were printed. */
export type ReadConfig =
  | { readonly config: Config; readonly path: string | undefined }
  | { readonly exitCode: number };

/** Loads the config as the processor does; a wrong one is printed with line, value and fix. */
export function readConfig(path: string | undefined, { stderr, env }: Terminal): ReadConfig {
  const loaded = loadConfig({ path, env });
  if (loaded.errors === undefined) return { config: loaded.config, path: loaded.path };
  stderr.write(`${renderConfigErrors(loaded.errors)}\n`);
  return { exitCode: EXIT.USAGE };
}
