import { createRequire } from 'node:module';

/**
 * `require` for what is loaded only when it is needed. Module paths are relative to this file; the compiler checks
 * neither, so each use names the type of what it loads.
 */
export const requireLazily: NodeJS.Require = createRequire(__filename);
