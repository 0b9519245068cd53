import type { Method } from '../../call/wrap.js';
import { guard } from '../../diagnostics.js';
import { requireLazily } from '../../lazy.js';
import { wrapHandler } from '../workers/observe.js';
import { type AzureContext, readAzureWork } from './azure-invocation.js';

/** What the host's worker gives to whoever requires this name; there is no such package. */
const CORE = '@azure/functions-core';

interface Core {
  readonly registerHook?: (name: string, hook: (context: PreInvocation) => void) => unknown;
}

interface PreInvocation {
  readonly invocationContext: AzureContext;
  functionCallback: unknown;
}

/** Copies of the package share the worker. */
let isObserved = false;

/** Follows the functions of Azure by the hook that its worker offers to everybody: it is asked before each run. */
export function observeAzure(): void {
  if (isObserved) return;
  const core = readCore();
  if (typeof core?.registerHook !== 'function') return;
  isObserved = true;
  core.registerHook('preInvocation', (context) => {
    guard('following a function', () => {
      const { functionCallback, invocationContext } = context;
      if (typeof functionCallback !== 'function') return;
      context.functionCallback = wrapHandler(functionCallback as Method, ({ args: [input] }) =>
        readAzureWork(input, invocationContext),
      );
    });
  });
}

function readCore(): Core | undefined {
  try {
    return requireLazily(CORE) as Core;
  } catch {
    // Tests of an application load the package without a host.
    return undefined;
  }
}
