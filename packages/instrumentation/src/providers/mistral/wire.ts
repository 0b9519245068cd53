import { type Fields, readFields, readItems } from '../fields.js';

/**
 * What the SDK has parsed, with its names in camel case, as the provider sent it: OpenAI's form, which has a reader.
 * Keys that the SDK does not know stay as they came: beside the others in major 2, in `additionalProperties` in major 1.
 */
export function toWire(value: unknown): Fields {
  const body = readFields(value);
  return {
    id: body.id,
    model: body.model,
    usage: body.usage === undefined || body.usage === null ? undefined : toWireUsage(readFields(body.usage)),
    choices: readItems(body.choices).map(toWireChoice),
  };
}

function toWireUsage(usage: Fields): Fields {
  const unknown = readFields(usage.additionalProperties);
  const details = readFields(usage.promptTokensDetails);
  return {
    ...usage,
    ...unknown,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.totalTokens,
    prompt_audio_seconds: usage.promptAudioSeconds,
    prompt_tokens_details: unknown.prompt_tokens_details ??
      usage.prompt_tokens_details ?? {
        cached_tokens: details.cachedTokens,
        audio_tokens: details.audioTokens,
      },
    num_cached_tokens: unknown.num_cached_tokens ?? usage.num_cached_tokens ?? usage.numCachedTokens,
  };
}

function toWireChoice(value: unknown): Fields {
  const { index, finishReason, message, delta } = readFields(value);
  return {
    index,
    finish_reason: finishReason,
    ...(message === undefined ? {} : { message: toWireMessage(message) }),
    ...(delta === undefined ? {} : { delta: toWireMessage(delta) }),
  };
}

/** A message of a request or an answer. */
function toWireMessage(value: unknown): Fields {
  const { toolCalls, toolCallId, ...message } = readFields(value);
  return { ...message, tool_calls: toolCalls, tool_call_id: toolCallId };
}

/** A request's settings and messages. */
export function toWireRequest(value: unknown): Fields {
  const body = readFields(value);
  return {
    ...body,
    messages: readItems(body.messages).map(toWireMessage),
    max_tokens: body.maxTokens,
    top_p: body.topP,
    frequency_penalty: body.frequencyPenalty,
    presence_penalty: body.presencePenalty,
    seed: body.randomSeed,
    response_format: body.responseFormat,
    reasoning_effort: body.reasoningEffort,
  };
}
