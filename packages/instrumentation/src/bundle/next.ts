import { FRAMEWORKS } from '../frameworks/index.js';
import { PROVIDERS } from '../providers/index.js';

/** What of Next.js' configuration is used. */
interface NextConfig {
  readonly serverExternalPackages?: readonly string[] | undefined;
}
type NextConfigFunction = (...args: never[]) => NextConfig | Promise<NextConfig>;

/**
 * Keeps the LLM SDKs and the agent frameworks out of the bundles that Next.js (15 and later) makes of server code, so
 * that the preload records them: `NODE_OPTIONS="--require @costspan/instrumentation/register" next start`.
 *
 * @example
 * // next.config.js
 * const { withCostspan } = require('@costspan/instrumentation/next');
 * module.exports = withCostspan({ reactStrictMode: true });
 */
export function withCostspan<T extends NextConfig | NextConfigFunction>(config: T): T {
  if (typeof config !== 'function') return addExternals(config) as T;
  const configure = async (...args: never[]): Promise<NextConfig> => addExternals(await config(...args));
  return configure as T;
}

function addExternals(config: NextConfig): NextConfig {
  const packages = [...PROVIDERS, ...FRAMEWORKS].map(({ module }) => module.package);
  return {
    ...config,
    serverExternalPackages: [...new Set([...(config.serverExternalPackages ?? []), ...packages])],
  };
}
