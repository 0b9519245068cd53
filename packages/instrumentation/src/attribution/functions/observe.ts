import type { PatchedClass } from '../../call/wrap.js';
import type { FunctionDoors, FunctionRuntime } from './function-runtime.js';
import { observeAzure } from './observe-azure.js';
import { observeLambda } from './observe-lambda.js';

/** Follows the functions that a platform runs, once what runs them has been loaded. */
export function observeFunctions(
  loadedClass: PatchedClass,
  { runsFunctionsOf }: FunctionRuntime,
  doors: FunctionDoors,
): void {
  if (runsFunctionsOf === 'lambda') observeLambda(loadedClass, doors);
  else observeAzure();
}
