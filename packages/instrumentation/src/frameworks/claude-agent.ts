import { ATTR, OPERATION, PROVIDER, type ProviderName } from '@costspan/semconv';
import type { Framework, ToldNews, ToldSteps } from '../framework.js';
import type { BatchedCall, CallRequest, CallResult } from '../provider.js';
import { readRate, readUsage, readUsageStatus } from '../providers/anthropic/usage.js';
import {
  type Fields,
  omitUndefined,
  readCount,
  readFields,
  readItems,
  readNumber,
  readText,
} from '../providers/fields.js';
import { claudeAgentModule } from './modules.js';

/**
 * The Claude Agent SDK. Its calls leave in a process of its own, `claude`, which says in each result what they used,
 * by model: one call each. Of a run that is broken off, what its answers have said until then.
 */
export const claudeAgent: Framework = {
  name: 'Claude Agent SDK',
  module: claudeAgentModule,
  steps: [
    {
      method: 'query',
      readStart: ([query]) => {
        const { agent, settings } = readFields(readFields(query).options);
        return {
          operation: OPERATION.INVOKE_AGENT,
          name: readText(agent) ?? readText(readFields(settings).agent),
        };
      },
      told: { begin, read, readRest },
    },
  ],
};

/** What has been told so far. */
interface Told {
  /** Usage of the answers since the last result, by their id. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** Totals by model as the last result had them. */
  readonly totals: Fields;
  /** The session has a past, whose totals nobody knows. */
  readonly isResumed: boolean;
  readonly sessionId?: string | undefined;
}

interface Answer {
  readonly model: string;
  readonly usage: Fields;
}

function begin([query]: readonly unknown[]): Told {
  const { resume, continue: goesOn } = readFields(readFields(query).options);
  return { answers: new Map(), totals: {}, isResumed: resume !== undefined || goesOn === true };
}

function read(soFar: unknown, message: unknown): ToldSteps {
  const told = soFar as Told;
  const fields = readFields(message);
  if (fields.type === 'assistant') return readAnswer(told, fields);
  if (fields.type === 'user') return { state: told, news: readToolResults(fields) };
  return fields.type === 'result' ? readResult(told, fields) : { state: told, news: [] };
}

function readAnswer(told: Told, { message, session_id }: Fields): ToldSteps {
  const { id, model, usage, content } = readFields(message);
  const state = { ...told, sessionId: readText(session_id) ?? told.sessionId };
  const [answerId, name] = [readText(id), readText(model)];
  // Several messages may be parts of one answer; each repeats its usage.
  if (answerId !== undefined && name !== undefined)
    state.answers = new Map(told.answers).set(answerId, { model: name, usage: readFields(usage) });
  return { state, news: readItems(content).flatMap(readToolUse) };
}

function readToolUse(block: unknown): ToldNews[] {
  const { type, id, name } = readFields(block);
  const toolId = readText(id);
  if (type !== 'tool_use' || toolId === undefined) return [];
  const attributes = { [ATTR.TOOL_TYPE]: 'function', [ATTR.TOOL_CALL_ID]: toolId };
  const start = { operation: OPERATION.EXECUTE_TOOL, name: readText(name), attributes };
  return [{ kind: 'started', id: toolId, start }];
}

/** What a tool answers is its own affair; only whether it failed is read. */
function readToolResults({ message }: Fields): ToldNews[] {
  return readItems(readFields(message).content).flatMap((block): ToldNews[] => {
    const { type, tool_use_id, is_error } = readFields(block);
    const id = readText(tool_use_id);
    if (type !== 'tool_result' || id === undefined) return [];
    return [{ kind: 'ended', id, errorType: is_error === true ? 'tool_error' : undefined }];
  });
}

function readResult(told: Told, result: Fields): ToldSteps {
  const sessionId = readText(result.session_id) ?? told.sessionId;
  const { modelUsage, model_usage_since_last_result: since } = result;
  const isFirstOfPast = told.isResumed && Object.keys(told.totals).length === 0;
  const calls =
    since === undefined && isFirstOfPast
      ? readRest({ ...told, sessionId })
      : Object.entries(
          since === undefined ? subtract(readFields(modelUsage), told.totals) : readFields(since),
        ).flatMap(([model, usage]) => readModelUsage(model, readFields(usage), { told, result, sessionId }));
  const state: Told = {
    answers: new Map(),
    totals: readFields(modelUsage),
    isResumed: told.isResumed,
    sessionId,
  };
  const news = calls.map((call): ToldNews => ({ kind: 'call', call }));
  const { subtype, is_error: isError } = result;
  const failure = subtype === 'success' ? 'error_during_execution' : readText(subtype);
  return {
    state,
    news:
      isError === true || subtype !== 'success' ? [...news, { kind: 'failed', errorType: failure }] : news,
  };
}

/** Totals run on from result to result; a session that was cleared begins anew. */
function subtract(totals: Fields, earlier: Fields): Fields {
  return Object.fromEntries(
    Object.entries(totals).map(([model, total]) => {
      const [now, before] = [readFields(total), readFields(earlier[model])];
      const isCleared = (readNumber(now.inputTokens) ?? 0) < (readNumber(before.inputTokens) ?? 0);
      const subtracted = Object.entries(now).map(([name, value]) => {
        const part = isCleared ? 0 : (readNumber(before[name]) ?? 0);
        return [name, typeof value === 'number' && SUMMED.test(name) ? value - part : value];
      });
      return [model, Object.fromEntries(subtracted)];
    }),
  );
}
const SUMMED = /Tokens$|Requests$|^costUSD$/;

/** Cost of a model that was not asked. */
const isUnused = (usage: Fields): boolean =>
  ['inputTokens', 'outputTokens', 'cacheReadInputTokens', 'cacheCreationInputTokens'].every(
    (name) => !usage[name],
  );

function readModelUsage(
  model: string,
  usage: Fields,
  { told, result, sessionId }: { told: Told; result: Fields; sessionId: string | undefined },
): BatchedCall[] {
  if (isUnused(usage)) return [];
  const priced = readUsage(
    {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cache_read_input_tokens: usage.cacheReadInputTokens,
      cache_creation_input_tokens: usage.cacheCreationInputTokens,
      cache_creation: readWrites(model, usage, told.answers),
      output_tokens_details: { thinking_tokens: usage.thinkingTokens },
      server_tool_use: { web_search_requests: usage.webSearchRequests },
    },
    { served: model },
  );
  const contextInputTokens = readContext(told.answers);
  // What an organisation agreed with the provider is set in its own settings: that is what the call cost.
  const providerCostUsd = usage.costBasis === 'managed' ? readNumber(usage.costUSD) : undefined;
  return [
    {
      request: requestOf(model, { provider: readProvider(usage.provider), sessionId }),
      result: omitUndefined<CallResult>({
        usageStatus: readUsageStatus(priced),
        usage: priced && omitUndefined({ ...priced, contextInputTokens, providerCostUsd }),
        pricedModel: readText(usage.canonicalModel),
        ...readRate(readFields(result.usage)),
      }),
    },
  ];
}

/**
 * For how long was written to the cache. Results of older versions do not say; their answers do, as far as they came by,
 * and the rest counts as the shorter time, as the executable counts it itself.
 */
function readWrites(model: string, usage: Fields, answers: Told['answers']): Fields {
  const told = usage.cacheCreationEphemeral1hInputTokens;
  const written = readCount(usage.cacheCreationInputTokens) ?? 0;
  if (told !== undefined || written === 0) {
    const short = usage.cacheCreationEphemeral5mInputTokens;
    return { ephemeral_1h_input_tokens: told, ephemeral_5m_input_tokens: short };
  }
  let hour = 0;
  for (const answer of answers.values()) {
    const { ephemeral_1h_input_tokens } = readFields(answer.usage.cache_creation);
    if (isSameModel(answer.model, model)) hour += readCount(ephemeral_1h_input_tokens) ?? 0;
  }
  return hour === 0 ? {} : { ephemeral_1h_input_tokens: Math.min(hour, written) };
}

/** An answer names its model by its date; the result as it was asked for, in the words of whoever served it. */
function isSameModel(answered: string, asked: string): boolean {
  const undated = (name: string): string => name.replace(/\[1m\]$/, '').replace(/[-@]\d{8}$/, '');
  return undated(answered) === undated(asked) || asked.includes(answered);
}

/** The largest prompt: many calls are summed up, and the sum decides no context tier. */
function readContext(answers: Told['answers']): number | undefined {
  const prompts = [...answers.values()].map(
    ({ usage, model }) => readUsage(usage, { served: model })?.inputTokens ?? 0,
  );
  return prompts.length === 0 ? undefined : Math.max(...prompts);
}

/**
 * Answers that no result has summed up. What they say of their output is where it stood when they began. Like a result
 * they go by the session and not by their ids: that is what the executable's own spans have in common with them.
 */
function readRest(soFar: unknown): BatchedCall[] {
  const { answers, sessionId } = soFar as Told;
  return [...answers.values()].flatMap(({ model, usage }): BatchedCall[] => {
    const used = readUsage(usage, { served: model });
    if (used === undefined || (readCount(used.inputTokens) ?? 0) + (used.outputTokens ?? 0) === 0) return [];
    const result: CallResult = {
      usageStatus: 'partial',
      usage: used,
      responseModel: model,
      ...readRate(usage),
    };
    return [{ request: requestOf(model, { provider: PROVIDER.ANTHROPIC, sessionId }), result }];
  });
}

const requestOf = (
  model: string,
  { provider, sessionId }: { provider: ProviderName; sessionId: string | undefined },
): CallRequest => ({
  operation: OPERATION.CHAT,
  provider,
  model,
  isStream: true,
  serverAddress: undefined,
  serverPort: undefined,
  attributes: { [ATTR.REQUEST_STREAM]: true, [ATTR.CONVERSATION_ID]: sessionId },
});

const PROVIDERS: Readonly<Record<string, ProviderName>> = {
  firstParty: PROVIDER.ANTHROPIC,
  bedrock: PROVIDER.AWS_BEDROCK,
  vertex: PROVIDER.GCP_VERTEX_AI,
  foundry: PROVIDER.AZURE_AI_INFERENCE,
};

/** Older versions do not say who served; what is served in some way of its own keeps that name. */
function readProvider(provider: unknown): ProviderName {
  const name = readText(provider) ?? 'firstParty';
  return PROVIDERS[name] ?? name;
}
