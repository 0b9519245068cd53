import { tracingChannel } from 'node:diagnostics_channel';
import { guard } from '../diagnostics.js';
import { readScopeValue, type Scope, scopeStorage } from './scope.js';

const followed = new Set<string>();

/**
 * Lets what a framework calls the application's function be the feature of the calls inside, where no scope names one:
 * Node's own channel carries it along the application's asynchronous flow.
 */
export function followFunctions(channel: string, readName: (message: unknown) => unknown): void {
  if (followed.has(channel)) return;
  followed.add(channel);
  tracingChannel<Scope | undefined, object>(channel).start.bindStore(scopeStorage, (message) => {
    const scope = scopeStorage.getStore();
    const name = guard('reading a function', () => readScopeValue(readName(message)));
    return (name === undefined ? scope : { ...scope, functionName: name }) as Scope;
  });
}
