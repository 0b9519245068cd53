import { ATTR, OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, EventEndpoint } from '../../provider.js';
import { type Fields, omitUndefined, readFields, readText } from '../fields.js';
import { readHost } from '../hosts.js';
import { readModelName } from './request.js';
import { readGoogleUsage, readMode } from './usage.js';

/** One answer of the model: the server states its usage once, by itself or with what it says, and not always last. */
interface Turn {
  readonly id: string;
  readonly usage?: Fields;
  readonly finish?: string;
}

/** What the messages of a session have said of it. */
interface Session {
  readonly model: string | undefined;
  /** How many turns have begun. */
  readonly count: number;
  /** The turn at hand. */
  readonly open?: Turn | undefined;
  /** True once it is over and only its usage may still come. */
  readonly isOver?: boolean;
  /** What this very message has done. */
  readonly begun?: string | undefined;
  readonly ended?: Turn | undefined;
}

/** A turn that the user has cut short ends like any other. */
const INTERRUPTED = 'interrupted';

const NO_SESSION: Session = { model: undefined, count: 0 };

/** The client's first message says the model; the others of the server tell how its turns go. */
function readSession(soFar: unknown, event: unknown): Session {
  const { begun: _begun, ended: _ended, ...before } = (soFar as Session | undefined) ?? NO_SESSION;
  const message = readFields(event);
  if (message.setup !== undefined) return { ...before, model: readText(readFields(message.setup).model) };
  if (message.usageMetadata === undefined && readFinish(message) === undefined && !isSaid(message))
    return before;
  // What comes after the end of a turn, and is no usage of it, is of the next one: the last one's never came.
  const isNext = before.isOver === true && message.usageMetadata === undefined && isSaid(message);
  const session: Session = isNext
    ? { ...before, open: undefined, isOver: false, ended: before.open }
    : before;
  return readTurn(session, message);
}

function readTurn(session: Session, message: Fields): Session {
  const { open } = session;
  const isBegun = open === undefined;
  // The end of a turn that nobody has seen begin, a session that is idle.
  if (isBegun && message.usageMetadata === undefined && !isSaid(message)) return session;
  const count = isBegun ? session.count + 1 : session.count;
  const turn: Turn = omitUndefined<Turn>({
    id: open?.id ?? String(count),
    usage: message.usageMetadata === undefined ? open?.usage : readFields(message.usageMetadata),
    finish: open?.finish === INTERRUPTED ? INTERRUPTED : (readFinish(message) ?? open?.finish),
  });
  const isOver = session.isOver === true || isLast(message);
  const next: Session = { ...session, count, open: turn, isOver, begun: isBegun ? turn.id : undefined };
  return isOver && turn.usage !== undefined ? { ...next, open: undefined, isOver: false, ended: turn } : next;
}

/** The model says something, or asks for a tool. */
function isSaid({ serverContent, toolCall }: Fields): boolean {
  const { modelTurn, outputTranscription } = readFields(serverContent);
  return toolCall !== undefined || modelTurn !== undefined || outputTranscription !== undefined;
}

function readFinish({ serverContent, toolCall }: Fields): string | undefined {
  const { turnComplete, interrupted } = readFields(serverContent);
  if (interrupted === true) return INTERRUPTED;
  if (toolCall !== undefined) return 'tool_call';
  return turnComplete === true ? 'stop' : undefined;
}

/** After a tool's answer the model reads everything again: where usage comes with the asking, that was a turn. */
const isLast = ({ serverContent, toolCall, usageMetadata }: Fields): boolean =>
  readFields(serverContent).turnComplete === true || (toolCall !== undefined && usageMetadata !== undefined);

/** One turn of a session of the Live API: each bills all that the session holds. */
export const liveTurn: EventEndpoint = {
  name: 'live.turn',
  remember: readSession,
  readStart(_event, session) {
    const { begun, model } = session as Session;
    return begun === undefined ? undefined : { id: begun, sent: { path: '', body: { model } } };
  },
  readEnd: (_event, session) => (session as Session).ended?.id,
  readWhole: (session) => (session as Session).ended,
  readRequest: ({ client, body }) =>
    omitUndefined<CallRequest>({
      operation: OPERATION.GENERATE_CONTENT,
      ...readLiveHost(client.baseUrl),
      model: readModelName(readFields(body).model),
      isStream: true,
      attributes: { [ATTR.REQUEST_STREAM]: true },
    }),
  readResponse(ended) {
    const turn = readFields(ended);
    const metadata = readFields(turn.usage);
    const usage = readGoogleUsage(metadata);
    const finish = readText(turn.finish);
    return omitUndefined<CallResult>({
      usageStatus: usage === undefined ? 'missing' : 'complete',
      usage,
      finishReasons: finish === undefined ? undefined : [finish],
      ...readMode(metadata.trafficType, metadata.serviceTier),
    });
  },
};

/** Music that a session plays without an end: nothing says what it costs. */
export const liveMusic: EventEndpoint = {
  ...liveTurn,
  name: 'live.music',
  remember(soFar, event) {
    const { model, count, open } = (soFar as Session | undefined) ?? NO_SESSION;
    const { setup, serverContent } = readFields(event);
    if (setup !== undefined) return { model: readText(readFields(setup).model), count };
    const isFirst = count === 0 && readFields(serverContent).audioChunks !== undefined;
    return isFirst ? { model, count: 1, begun: '1', ended: { id: '1' } } : { model, count, open };
  },
};

const readLiveHost = (baseUrl: string | undefined) =>
  readHost(
    { baseUrl, classNames: [] },
    baseUrl?.includes('.LlmBidiService') === true ? PROVIDER.GCP_VERTEX_AI : PROVIDER.GCP_GEMINI,
  );
