import { INSTRUMENTATION_SCOPE, LAYERED_EMITTERS, RUN_EMITTERS } from '@costspan/semconv';
import type { CallRecord } from '../records.js';

/** Whether costspan itself has told it. */
export const isOwn = ({ emitter }: Pick<CallRecord, 'emitter'>): boolean => emitter === INSTRUMENTATION_SCOPE;

/** Whether it is one request of many that make up what costspan tells. */
export const isPart = ({ emitter = '' }: Pick<CallRecord, 'emitter'>): boolean => kindOf(emitter).isPart;

/** Whether it works on top of others or below them. */
export const isLayer = (emitter: string): boolean => kindOf(emitter).isLayer;
export const isAnonymousLayer = ({
  emitter = '',
  responseId,
}: Pick<CallRecord, 'emitter' | 'responseId'>): boolean => responseId === undefined && isLayer(emitter);

interface EmitterKind {
  readonly isPart: boolean;
  readonly isLayer: boolean;
}

/** There are few emitters, and to look through the name of one takes longer than to find it. */
const MAX_EMITTERS = 1_000;
const kinds = new Map<string, EmitterKind>();

function kindOf(emitter: string): EmitterKind {
  const known = kinds.get(emitter);
  if (known !== undefined) return known;
  const kind = { isPart: RUN_EMITTERS.test(emitter), isLayer: LAYERED_EMITTERS.test(emitter) };
  if (kinds.size >= MAX_EMITTERS) kinds.clear();
  kinds.set(emitter, kind);
  return kind;
}
