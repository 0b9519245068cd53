import type { Usage } from '@costspan/pricing';
import type { CallRequest, CallResult } from '../../provider.js';
import { type Fields, omitEmpty, omitUndefined, readFields, readItems, readText } from '../fields.js';
import { type HeardCandidates, renderCandidates } from './content.js';
import { readGoogleUsage, readMode, readStatus } from './usage.js';

/** A whole `GenerateContentResponse`, of any Google SDK and of the Gemini API's own JSON. */
export function readGenerated(body: unknown, request: CallRequest): CallResult {
  return readResult(readPiece(NO_STATE, readFields(body), request), { request, isWhole: true });
}

/** The counts of a chunk are those of the whole answer so far: the last ones hold. */
export function readGeneratedChunk(soFar: CallResult, chunk: unknown, request: CallRequest): CallResult {
  const before = (soFar.state as GenerateState | undefined) ?? NO_STATE;
  const state = readPiece(before, readFields(chunk), request);
  return { ...readResult(state, { request, isWhole: false }), state };
}

/** What the fold remembers. */
interface GenerateState {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly usage: Fields;
  /** Reasons by the candidate's index. */
  readonly reasons: Readonly<Record<number, string | undefined>>;
  readonly isBlocked: boolean;
  readonly searches: ReadonlySet<string>;
  readonly isGrounded: boolean;
  /** By Google Maps. */
  readonly isMapped: boolean;
  readonly heard: HeardCandidates | undefined;
}
const NO_STATE: GenerateState = {
  id: undefined,
  model: undefined,
  usage: {},
  reasons: {},
  isBlocked: false,
  searches: new Set(),
  isGrounded: false,
  isMapped: false,
  heard: undefined,
};

function readPiece(before: GenerateState, response: Fields, request: CallRequest): GenerateState {
  const candidates = readItems(response.candidates);
  const grounding = candidates.map((candidate) => readFields(readFields(candidate).groundingMetadata));
  const queries = grounding
    .flatMap(({ webSearchQueries }) => readItems(webSearchQueries))
    // Empty ones are not billed.
    .flatMap((query) => readText(query) ?? []);
  return {
    id: readText(response.responseId) ?? before.id,
    model: readText(response.modelVersion) ?? before.model,
    // Chunks without it say nothing new.
    usage: response.usageMetadata === undefined ? before.usage : readFields(response.usageMetadata),
    reasons: readReasons(before.reasons, candidates),
    isBlocked: before.isBlocked || readText(readFields(response.promptFeedback).blockReason) !== undefined,
    searches: queries.length === 0 ? before.searches : new Set([...before.searches, ...queries]),
    isGrounded: before.isGrounded || queries.length > 0,
    isMapped: before.isMapped || grounding.some(isFromMaps),
    heard: request.content === undefined ? undefined : { candidates, before: before.heard },
  };
}

const isFromMaps = ({ groundingChunks, googleMapsWidgetContextToken }: Fields): boolean =>
  readText(googleMapsWidgetContextToken) !== undefined ||
  readItems(groundingChunks).some((chunk) => readFields(chunk).maps !== undefined);

function readReasons(
  before: GenerateState['reasons'],
  candidates: readonly unknown[],
): GenerateState['reasons'] {
  if (candidates.length === 0) return before;
  const reasons = { ...before };
  candidates.forEach((candidate, position) => {
    const { index, finishReason } = readFields(candidate);
    const at = typeof index === 'number' ? index : position;
    reasons[at] = readText(finishReason)?.toLowerCase() ?? reasons[at];
  });
  return reasons;
}

function readResult(
  state: GenerateState,
  { request, isWhole }: { request: CallRequest; isWhole: boolean },
): CallResult {
  const read = readGoogleUsage(state.usage);
  const finishReasons = Object.values(state.reasons);
  const isFinished =
    isWhole ||
    state.isBlocked ||
    (finishReasons.length > 0 && finishReasons.every((reason) => reason !== undefined));
  const usage =
    read && omitUndefined<Usage>({ ...read, toolRequests: readTools(state, state.model ?? request.model) });
  return omitUndefined<CallResult>({
    usageStatus: readStatus(usage, isFinished),
    usage,
    responseId: state.id,
    responseModel: state.model,
    finishReasons: finishReasons.length > 0 ? finishReasons : state.isBlocked ? ['blocked'] : undefined,
    ...readMode(state.usage.trafficType, state.usage.serviceTier),
    content: request.content === undefined ? undefined : () => renderCandidates(state.heard),
  });
}

/** Before Gemini 3 a grounded prompt is billed, from it on each search that it made; maps are by the prompt. */
function readTools(
  { searches, isGrounded, isMapped }: GenerateState,
  model: string | undefined,
): Usage['toolRequests'] {
  const isPerPrompt = /^gemini-[12]\b/.test(model ?? '');
  const searchCount = isPerPrompt ? 1 : searches.size;
  return omitEmpty<Record<string, number>>({
    web_search: isGrounded ? searchCount : undefined,
    maps: isMapped ? 1 : undefined,
  });
}
