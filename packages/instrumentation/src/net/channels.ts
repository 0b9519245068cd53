import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { reportFailure } from '../diagnostics.js';

type Listener = (message: unknown) => void;
/** Channels of Node and undici, each with who listens. */
export type Channels = readonly (readonly [name: string, listener: Listener])[];

/** Listeners by the names of their channels; what one of them throws is reported. */
export const channels = (listeners: Record<string, (message: Record<string, unknown>) => void>): Channels =>
  Object.entries(listeners).map(([name, listener]) => [name, guarded(listener as Listener)]);

/** Once: a channel that has the listener already keeps one. */
export function subscribeAll(list: Channels): void {
  for (const [name, listener] of list) {
    unsubscribe(name, listener);
    subscribe(name, listener);
  }
}

const guarded =
  (listener: Listener): Listener =>
  (message) => {
    try {
      listener(message);
    } catch (error) {
      reportFailure('watching a request', error);
    }
  };
