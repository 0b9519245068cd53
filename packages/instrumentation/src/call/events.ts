import { reportFailure } from '../diagnostics.js';
import type { ClientInfo, EventEndpoint, EventsProvider } from '../provider.js';
import type { Call } from './call.js';
import type { CallStarter } from './starter.js';
import { type Method, type PatchedClass, readClassNames, wrapOwnMethod } from './wrap.js';

/** Calls of one connection that have begun and not ended; beyond it the oldest counts as broken off. */
const MAX_OPEN_CALLS = 1_000;

/** What is known of one connection. */
interface Connection {
  readonly client: ClientInfo;
  /** By endpoint. */
  readonly remembered: Map<EventEndpoint, unknown>;
  /** By endpoint and id. */
  readonly open: Map<string, Call>;
}

const connections = new WeakMap<object, Connection>();
/** A connection that is gone will end none of its calls any more. */
const gone = new FinalizationRegistry<Connection>(({ open }) => {
  for (const call of open.values()) call.abort();
});

/** Patches one class of connections: its events begin and end calls, before its listeners see them. */
export function patchEvents(
  patchedClass: PatchedClass,
  provider: EventsProvider,
  starter: CallStarter,
): void {
  const { method } = provider.client;
  const observe = (original: Method): Method =>
    function emit(this: object, ...args: unknown[]): unknown {
      if (starter.isEnabled) {
        try {
          observeEvent(this, provider.client.readEvent(args), { provider, starter });
        } catch (error) {
          reportFailure(`reading an event of ${provider.name}`, error);
        }
      }
      return original.apply(this, args);
    };
  if (!wrapOwnMethod(patchedClass, method, observe))
    throw new TypeError(`the connection has no method ${method}`);
}

interface Observer {
  readonly provider: EventsProvider;
  readonly starter: CallStarter;
}

function observeEvent(instance: object, event: unknown, { provider, starter }: Observer): void {
  if (event === undefined) return;
  const connection = findConnection(instance, provider);
  const { open, remembered, client } = connection;
  for (const endpoint of provider.endpoints) {
    if (endpoint.remember !== undefined)
      remembered.set(endpoint, endpoint.remember(remembered.get(endpoint), event));
    const start = endpoint.readStart(event, remembered.get(endpoint));
    if (start !== undefined)
      keep(open, `${endpoint.name} ${start.id}`, starter.start(endpoint, client, start.sent));
    const part = endpoint.readPart?.(event);
    if (part !== undefined) open.get(`${endpoint.name} ${part}`)?.addChunk(event);
    const end = endpoint.readEnd(event);
    if (end === undefined) continue;
    const key = `${endpoint.name} ${end}`;
    open.get(key)?.succeed(event);
    open.delete(key);
  }
}

function findConnection(instance: object, { client }: EventsProvider): Connection {
  let connection = connections.get(instance);
  if (connection === undefined) {
    const info: ClientInfo = { baseUrl: client.readBaseUrl(instance), classNames: readClassNames(instance) };
    connection = { client: info, remembered: new Map(), open: new Map() };
    connections.set(instance, connection);
    gone.register(instance, connection);
  }
  return connection;
}

function keep(open: Map<string, Call>, key: string, call: Call | undefined): void {
  if (call === undefined) return;
  open.set(key, call);
  if (open.size <= MAX_OPEN_CALLS) return;
  const oldest = open.entries().next();
  if (oldest.done === true) return;
  open.delete(oldest.value[0]);
  oldest.value[1].abort();
}
