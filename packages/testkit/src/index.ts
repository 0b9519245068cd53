export { isObject, type JsonObject, readArray, readNumber, readObject, readString } from './json.js';
export { type OtlpSink, type SinkSpan, startOtlpSink } from './otlp-sink.js';
export { measureDelay, PATIENCE_MS, TEST_LIMIT_MS, type Timing, until } from './patience.js';
export { findFreePort } from './ports.js';
export { createDefaultScript } from './provider/default-script.js';
export { createRandom, hashText } from './provider/random.js';
export { type Recording, readRecording, replay } from './provider/replay.js';
export type {
  Answer,
  AnswerUsage,
  BytesReply,
  Delivery,
  ErrorReply,
  Reply,
  Script,
  ToolCall,
} from './provider/reply.js';
export type { Endpoint, ProviderLabel, ProviderRequest } from './provider/request.js';
export {
  type BilledReply,
  type ProviderServer,
  type ProviderServerOptions,
  startProviderServer,
} from './provider/server.js';
export { type RunningProcess, type RunOptions, type RunResult, run, startProcess } from './run.js';
