import { OPERATION } from '@costspan/semconv';
import type { MethodEndpoint } from '../../provider.js';
import { type Fields, readFields, readText } from '../fields.js';
import { readCountRequest, readEmbeddings } from './genai.js';
import { readGenerated, readGeneratedChunk } from './generate.js';
import { asSent, type GoogleRequest, readGoogleRequest } from './request.js';

/** The classes of the two older packages have the same methods; which of them is Vertex's is all that differs. */
interface OlderSdk {
  readonly isVertex: boolean;
  readonly models: readonly string[];
  readonly sessions: readonly string[];
}

/**
 * Model and chat session keep their settings in fields of these names, a session of one package in `params`; a session of
 * the first Vertex package has its model in the path alone.
 */
function readOlder(isVertex: boolean, instance: object, argument: unknown): GoogleRequest {
  const own = readFields(instance);
  const kept: Fields = { ...own, ...readFields(own.params) };
  const asked = typeof argument === 'object' && !Array.isArray(argument) ? readFields(argument) : {};
  return {
    isVertex,
    model: readText(own.model) ?? readText(own.resourcePath) ?? readText(own.publisherModelEndpoint),
    config: { ...readFields(kept.generationConfig), ...readFields(asked.generationConfig) },
    prompt: {
      contents: asked.contents ?? argument,
      systemInstruction: asked.systemInstruction ?? kept.systemInstruction,
      tools: asked.tools ?? kept.tools,
    },
  };
}

/** Generate and stream, of models and of chat sessions, which do not send through their model. */
export function olderEndpoints({ isVertex, models, sessions }: OlderSdk): MethodEndpoint[] {
  const base = (className: string, method: string): Omit<MethodEndpoint, 'readRequest' | 'readResponse'> => ({
    name: method,
    className,
    method,
    readSent: ([argument], instance) => asSent(method, readOlder(isVertex, instance, argument)),
  });
  const generate = (className: string, method: string): MethodEndpoint => ({
    ...base(className, method),
    readRequest: (call) => readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT }),
    readResponse: readGenerated,
    readAnswer: (returned) => readFields(returned).response,
  });
  const stream = (className: string, method: string, isHandled: boolean): MethodEndpoint => ({
    ...base(className, method),
    readRequest: (call) => readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT, isStream: true }),
    readResponse: readGenerated,
    readChunk: readGeneratedChunk,
    readAnswer: (returned) => readFields(returned).stream,
    whole: { property: 'response', isHandled },
  });
  return [
    ...models.flatMap((className) => [
      generate(className, 'generateContent'),
      stream(className, 'generateContentStream', false),
      { ...base(className, 'countTokens'), readRequest: readCountRequest, readResponse: () => NOTHING },
    ]),
    ...sessions.flatMap((className) => [
      generate(className, 'sendMessage'),
      stream(className, 'sendMessageStream', true),
    ]),
  ];
}

const NOTHING = { usageStatus: 'missing' } as const;

/** Embeddings of `@google/generative-ai`, which say nothing of what they used. */
export const olderEmbeddings: readonly MethodEndpoint[] = ['embedContent', 'batchEmbedContents'].map(
  (method) => ({
    name: method,
    className: 'GenerativeModel',
    method,
    readSent: ([argument], instance) => asSent(method, readOlder(false, instance, argument)),
    readRequest: (call) => readGoogleRequest(call, { operation: OPERATION.EMBEDDINGS }),
    readResponse: readEmbeddings,
  }),
);
