import { renderChat } from './openai-chat.js';
import { renderCompletion } from './openai-completion.js';
import { renderEmbeddings } from './openai-embeddings.js';
import { renderImages, renderModeration, renderSpeech, renderTranscript } from './openai-media.js';
import { renderResponse } from './openai-responses.js';
import type { RenderInput, WireReply } from './reply.js';

/** Turns an answer into the bytes OpenAI (or Azure, or OpenRouter) would send for the request's endpoint. */
export function renderOpenai(input: RenderInput): WireReply {
  switch (input.request.endpoint) {
    case 'completions':
      return renderCompletion(input);
    case 'responses':
    case 'responses.retrieve':
      return renderResponse(input);
    case 'embeddings':
      return renderEmbeddings(input);
    case 'images':
      return renderImages(input);
    case 'audio.transcriptions':
    case 'audio.translations':
      return renderTranscript(input);
    case 'audio.speech':
      return renderSpeech(input);
    case 'moderations':
      return renderModeration(input);
    default:
      return renderChat(input);
  }
}
