import { FRAMEWORKS } from '../frameworks/index.js';
import { PROVIDERS } from '../providers/index.js';
import { findPreloadFiles } from './traced-files.js';

/** Of the routes of an application, all. */
const EVERY_ROUTE = '/**';

/** What of Next.js' configuration is used. */
interface NextConfig {
  readonly serverExternalPackages?: readonly string[] | undefined;
  readonly outputFileTracingIncludes?: Readonly<Record<string, readonly string[]>> | undefined;
}
type NextConfigFunction = (...args: never[]) => NextConfig | Promise<NextConfig>;

/**
 * Keeps the LLM SDKs and the agent frameworks out of the bundles that Next.js (15 and later) makes of server code, so
 * that the preload records them: `NODE_OPTIONS="--require @costspan/instrumentation/register" next start`. And has the
 * preload copied into `output: 'standalone'`, where nothing imports it.
 *
 * @example
 * // next.config.js
 * const { withCostspan } = require('@costspan/instrumentation/next');
 * module.exports = withCostspan({ reactStrictMode: true });
 */
export function withCostspan<T extends NextConfig | NextConfigFunction>(config: T): T {
  if (typeof config !== 'function') return complete(config) as T;
  const configure = async (...args: never[]): Promise<NextConfig> => complete(await config(...args));
  return configure as T;
}

function complete(config: NextConfig): NextConfig {
  const packages = [...PROVIDERS, ...FRAMEWORKS].map(({ module }) => module.package);
  const { outputFileTracingIncludes: includes } = config;
  return {
    ...config,
    outputFileTracingIncludes: {
      ...includes,
      [EVERY_ROUTE]: [...(includes?.[EVERY_ROUTE] ?? []), ...findPreloadFiles(process.cwd())],
    },
    serverExternalPackages: [...new Set([...(config.serverExternalPackages ?? []), ...packages])],
  };
}
