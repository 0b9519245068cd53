import type { PackageGate } from '../../module-gate.js';

/**
 * The contract of a web framework that tells nobody which route it has found: the method of its class, or the function
 * of its module, after which that is known. Pure. It says nothing of versions: what has not this form is left alone,
 * and its requests are called by their path.
 *
 * What a new one costs: one file in this folder, one entry in its `index.ts`, its application in
 * `test/preload/fixtures/routed.mjs`.
 */
export interface Router {
  /** With a signature it is looked for in the servers that builders write, too. */
  readonly module: PackageGate;
  /** Of the class that the gate names, as one version or another calls it; absent where it is the function of the gate. */
  readonly method?: string | readonly string[];
  /** It answers the request itself: what it returns comes too late, and its router is asked before. */
  readonly isAskedBefore?: true;
  /** It finds a part of what a request asks for, which may ask for several at once: each is what its own calls are for. */
  readonly isPart?: true;
  /** The route as the application has written it. */
  readRoute(match: RouterMatch): unknown;
  /**
   * The path that was looked for, in routers that may lie in each other or answer what the application asks of itself:
   * what is not the end of the request's path is none of its routes.
   */
  readPath?(match: RouterMatch): unknown;
}

/** One run of a router's method or function. */
export interface RouterMatch {
  readonly args: readonly unknown[];
  /** `undefined` where the router is asked before. */
  readonly returned: unknown;
  /** Of the class. */
  readonly instance: object;
}
