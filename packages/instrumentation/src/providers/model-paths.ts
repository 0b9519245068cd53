/**
 * Last words of paths that ask a model for something, now or later: what a batch or a job costs is told by requests
 * that are not looked at.
 */
export const ASKS_MODEL = new RegExp(
  `[/:](?:${[
    'chat(?:_stream)?|completions?|(?<!/uploads/[^/]+/)complete|responses|generate|edits|summarize',
    'generations?(?:_stream)?',
    'embed(?:dings|Content)?|rerank|classify|classifications|ocr|speech|tts|stt|videos|text_to_image',
    '(?:stream|batch)?generateContent|(?:asyncB|b)atchEmbedContents?',
    'predict(?:LongRunning)?|predictions|(?:stream)?rawPredict',
    'converse(?:-stream)?|(?:async-)?invoke(?:-with-(?:bidirectional|response)-stream)?',
    'batches|batchPredictionJobs|fine_tuning/jobs|tunedModels|guardrail/[^/]+/version/[^/]+/apply',
    '(?:hf-inference|fal-ai)/.+',
    'v2/transcript|sound-generation|(?:text-to-dialogue|music|speech-to-speech/[^/]+)(?:/stream)?',
  ].join('|')})$`,
  'i',
);

/** What Ollama is asked, and other services by the same words: the answer tells which. */
export const OLLAMA_PATH = /\/api\/(?:chat|generate|embed)$/;

/** What Bedrock's runtime is asked: the name of one of its models stands in the path, with the region's profile or as an ARN. */
export const BEDROCK_PATH = new RegExp(
  `/model/(?:arn(?::|%3A)aws[^/]*|(?:[a-z]{2,6}(?:-gov)?\\.)?(?:${[
    'ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen',
    'stability|twelvelabs|writer|zai',
  ].join('|')})\\.[^/]+)/(?:converse(?:-stream)?|invoke(?:-with-response-stream)?)$`,
);

/** What else asks one, where it stands in the API of a model; elsewhere people write each other messages. */
const ASKS_MODEL_THERE = /\/(?:messages|transcriptions|translations)$/;
/** What stands in the paths of such an API, and hardly in those that an application serves to its users. */
const MODEL_API = /\/(?:v\d[\w.]*|openai|models?|deployments|chat)\//;

/** Whether a path is one of a model's API, as a gateway serves it to whoever has an SDK of the provider. */
export const isModelApi = (path: string): boolean =>
  MODEL_API.test(path) && (ASKS_MODEL.test(path) || ASKS_MODEL_THERE.test(path));
