import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall } from '../provider.js';
import { omitUndefined, readCount, readFields, readItems, readNumber, readText } from './fields.js';
import { readHost } from './hosts.js';

/** What Deepgram's SDKs, which send with `fetch`, and others ask of it; the model stands in the query, which is not read. */
export const deepgramByHand: readonly Endpoint[] = [
  {
    name: 'listen',
    method: 'post',
    path: /^\/v1\/listen$/,
    readRequest: (call) => readRequest(call, 'text'),
    readResponse: readTranscript,
  },
  {
    name: 'speak',
    method: 'post',
    path: /^\/v1\/speak$/,
    readRequest: (call) => ({ ...readRequest(call, 'speech'), body: 'bytes' }),
    readHead: readSpoken,
    readResponse: (_sound, _request, head) => head ?? { usageStatus: 'missing' },
  },
];

const readRequest = ({ client }: EndpointCall, type: 'text' | 'speech'): CallRequest =>
  omitUndefined<CallRequest>({
    operation: OPERATION.GENERATE_CONTENT,
    ...readHost(client, PROVIDER.DEEPGRAM),
    model: undefined,
    isStream: false,
    attributes: { [ATTR.OUTPUT_TYPE]: type },
  });

/** Billed by the second of each channel; where the answer goes to a callback, this one tells nothing. */
function readTranscript(body: unknown): CallResult {
  const { metadata, results } = readFields(body);
  const { request_id, duration, model_info } = readFields(metadata);
  const seconds = readNumber(duration);
  const channels = Math.max(1, readItems(readFields(results).channels).length);
  const heardMs = seconds === undefined ? undefined : readCount(Math.round(seconds * 1_000) * channels);
  const usage: Usage | undefined = heardMs === undefined ? undefined : { units: { input_audio_ms: heardMs } };
  return omitUndefined<CallResult>({
    usageStatus: usage === undefined ? 'missing' : 'complete',
    usage,
    responseId: readText(request_id),
    responseModel: readModel(Object.values(readFields(model_info))[0]),
  });
}

/** `nova-3` of `general-nova-3`; the medical one has a price of its own. */
function readModel(info: unknown): string | undefined {
  const { name, arch } = readFields(info);
  const model = readText(arch);
  return model !== undefined && /medical/.test(readText(name) ?? '') ? `${model}-medical` : model;
}

/** The sound says nothing, its headers do: voices of one generation cost the same. */
function readSpoken(header: (name: string) => unknown): CallResult {
  const characters = readCount(Number(header('dg-char-count') ?? Number.NaN));
  const voice = readText(header('dg-model-name'));
  return omitUndefined<CallResult>({
    usageStatus: characters === undefined ? 'missing' : 'complete',
    usage: characters === undefined ? undefined : { units: { input_character: characters } },
    responseId: readText(header('dg-request-id')),
    responseModel: voice,
    pricedModel: voice === undefined ? undefined : /^aura(?:-2)?(?=-|$)/.exec(voice)?.[0],
  });
}
