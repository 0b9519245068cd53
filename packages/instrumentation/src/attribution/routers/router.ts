import type { PackageGate } from '../../module-gate.js';

/**
 * The contract of a web framework that tells nobody which route it has found: the method of its class after which that
 * is known. Pure. It says nothing of versions: what has not this form is left alone, and its requests are called by
 * their path.
 *
 * What a new one costs: one file in this folder, one entry in its `index.ts`, its application in
 * `test/preload/fixtures/routed.mjs`.
 */
export interface Router {
  readonly module: PackageGate;
  readonly method: string;
  /** The route as the application has written it, of what the method gave or left on its object. */
  readRoute(returned: unknown, instance: object): unknown;
}
