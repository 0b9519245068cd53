import { isFunctionRuntime } from '../attribution/functions/function-runtime.js';
import { isRouter } from '../attribution/routers/index.js';
import { findWanted, type Wanted } from './announce.js';
import type { Gate } from './gate.js';

/**
 * A server as the builders of Nuxt, Nitro, SvelteKit and Astro write it: all that they need of their packages lies in
 * files of a folder that each of them calls `server`, below whatever folder the application is deployed to.
 */
const BUILT_FILE =
  /[\\/]server[\\/](?:[^\\/]+\.mjs|(?:chunks|_libs)[\\/](?:[^\\/]+[\\/])?[^\\/]+\.m?js)(?:$|[?#])/;

/** What AWS Lambda brings to run a function with. */
const PLATFORM_FILE = /[\\/]var[\\/]runtime[\\/][^\\/]+\.m?js(?:$|[?#])/;

/** Whether a file, as a path or a URL, may be part of such a server, or of a platform's runtime. */
export const isBuiltFile = (url: string): boolean =>
  (BUILT_FILE.test(url) || PLATFORM_FILE.test(url)) && !url.includes('node_modules');

/** Routers and runtimes alone are looked for there: calls that an SDK inside sends are seen where they leave. */
export function findBuilt(source: string | Uint8Array, gate: Gate): Wanted | undefined {
  const { signature } = gate.entry.module;
  const { entry } = gate;
  if (!(isRouter(entry) || isFunctionRuntime(entry)) || signature === undefined) return undefined;
  const text = typeof source === 'string' ? source : Buffer.from(source);
  return signature.every((part) => text.includes(part)) ? findWanted(source, gate) : undefined;
}
