import { guard, reportFailure } from '../diagnostics.js';
import type { ClientInfo, EventEndpoint, EventsProvider, SocketPatch } from '../provider.js';
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
const gone = new FinalizationRegistry<Connection>(breakOff);

function breakOff(connection: Connection | undefined): void {
  for (const call of connection?.open.values() ?? []) call.abort();
  connection?.open.clear();
}

/** Patches one class of connections: its events begin and end calls, before its listeners see them. */
export function patchEvents(
  patchedClass: PatchedClass,
  provider: EventsProvider,
  starter: CallStarter,
): void {
  const { method, readEvent, socket } = provider.client;
  const observer: Observer = { provider, starter };
  const observe = (original: Method): Method =>
    function emit(this: object, ...args: unknown[]): unknown {
      observeSafely(this, () => readEvent(args), observer);
      return original.apply(this, args);
    };
  if (!wrapOwnMethod(patchedClass, method, observe))
    throw new TypeError(`the connection has no method ${method}`);
  if (socket === undefined) return;
  const listen = (original: Method): Method =>
    function open(this: object, ...args: unknown[]): unknown {
      const opened = original.apply(this, args);
      guard('listening to a connection', () => listenTo(this, socket, observer));
      return opened;
    };
  if (!wrapOwnMethod(patchedClass, socket.method, listen))
    throw new TypeError(`the connection has no method ${socket.method}`);
}

interface Observer {
  readonly provider: EventsProvider;
  readonly starter: CallStarter;
}

/** Hears what the SDK hears; when the socket closes, what is still open on it has been broken off. */
function listenTo(instance: object, socket: SocketPatch, observer: Observer): void {
  const found = socket.find(instance);
  found?.addEventListener('message', (message) => {
    const { data } = message as Event & { readonly data?: unknown };
    observeSafely(instance, () => socket.readMessage(data), observer);
  });
  found?.addEventListener('close', () => breakOff(connections.get(instance)));
}

function observeSafely(instance: object, readEvent: () => unknown, observer: Observer): void {
  if (!observer.starter.isEnabled) return;
  try {
    observeEvent(instance, readEvent(), observer);
  } catch (error) {
    reportFailure(`reading an event of ${observer.provider.name}`, error);
  }
}

function observeEvent(instance: object, event: unknown, { provider, starter }: Observer): void {
  if (event === undefined) return;
  const connection = findConnection(instance, provider);
  const { open, remembered, client } = connection;
  for (const endpoint of provider.endpoints) {
    if (endpoint.remember !== undefined)
      remembered.set(endpoint, endpoint.remember(remembered.get(endpoint), event));
    const known = remembered.get(endpoint);
    const start = endpoint.readStart(event, known);
    if (start !== undefined)
      keep(open, `${endpoint.name} ${start.id}`, starter.start(endpoint, client, start.sent));
    const part = endpoint.readPart?.(event);
    if (part !== undefined) open.get(`${endpoint.name} ${part}`)?.addChunk(event);
    const end = endpoint.readEnd(event, known);
    if (end === undefined) continue;
    const key = `${endpoint.name} ${end}`;
    open.get(key)?.succeed(endpoint.readWhole === undefined ? event : endpoint.readWhole(known));
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
