/** Reads an environment variable that is `true` or `false`; `undefined` for anything else. Loads nothing: the preload starts with it. */
export function readSwitch(env: NodeJS.ProcessEnv, name: string): boolean | undefined {
  const text = env[name]?.trim().toLowerCase();
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return undefined;
}

/** False when `COSTSPAN_ENABLED` says so: then nothing is patched. */
export const isEnabled = (env: NodeJS.ProcessEnv): boolean => readSwitch(env, 'COSTSPAN_ENABLED') ?? true;
