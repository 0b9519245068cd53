import type { ScopeAttributes } from './contract.js';
import { readRuntime } from './runtime.js';

/**
 * Books every model call that `fn` makes, now or later, under a product feature. Returns what `fn` returns, the
 * very object; inner scopes win over outer ones, any scope over the route of the request.
 *
 * @example
 * const answer = await withFeature('support-chat', () => openai.chat.completions.create(request));
 */
export const withFeature = <T>(feature: string, fn: () => T): T => withAttributes({ feature }, fn);

/**
 * Adds attributes to every model call that `fn` makes; those not named here stay what they were outside.
 *
 * @example
 * app.use((req, res, next) => withAttributes({ userTier: req.user.plan, tenant: req.user.company }, next));
 */
export function withAttributes<T>(attributes: ScopeAttributes, fn: () => T): T {
  const runtime = readRuntime();
  return runtime === undefined ? fn() : runtime.withAttributes(attributes, fn);
}
