import { PROVIDER } from '@costspan/semconv';
import type { CallReaders, CallRequest, Endpoint, EndpointCall } from '../../provider.js';
import { omitUndefined, readFields, readText } from '../fields.js';
import { readHost } from '../hosts.js';
import { converse, converseStream } from './converse.js';
import { invokeModel, invokeModelStream } from './invoke.js';

/** The model stands in the path, an ARN with its slashes encoded. */
const pathOf = (action: string): RegExp => new RegExp(`^/model/([^/]+)/${action}$`);

function byHand(action: string, readers: CallReaders): Endpoint {
  const path = pathOf(action);
  return {
    name: readers.name,
    method: 'post',
    path,
    readRequest: (call) => ({
      ...readers.readRequest({ ...call, body: toInput(call, path) }),
      ...placeOf(call),
    }),
    readResponse: readers.readResponse,
    ...(readers.readHead === undefined ? {} : { readHead: readers.readHead }),
    ...(readers.readChunk === undefined ? {} : { readChunk: readers.readChunk }),
  };
}

/** A command's input: `Converse` has it in the body, `InvokeModel` the body in it. */
function toInput({ body, path }: EndpointCall, pattern: RegExp): object {
  const modelId = decodeURIComponent(pattern.exec(path)?.[1] ?? '');
  return { ...readFields(body), modelId, body: JSON.stringify(body) };
}

function placeOf({ client }: EndpointCall): Partial<CallRequest> {
  const { serverAddress, serverPort, region } = readHost(client, PROVIDER.AWS_BEDROCK);
  return omitUndefined<Partial<CallRequest>>({ serverAddress, serverPort, region });
}

/** What Bedrock's models are asked and answer by hand. */
export const bedrockByHand: readonly Endpoint[] = [
  byHand('converse', converse),
  byHand('converse-stream', converseStream),
  byHand('invoke', {
    ...invokeModel,
    readResponse: (body, request, head) =>
      invokeModel.readResponse({ body: JSON.stringify(body) }, request, head),
  }),
  byHand('invoke-with-response-stream', {
    ...invokeModelStream,
    readChunk: (soFar, event, request) => {
      const { bytes } = readFields(readFields(event).chunk);
      const chunk =
        bytes === undefined ? event : { chunk: { bytes: Buffer.from(readText(bytes) ?? '', 'base64') } };
      return invokeModelStream.readChunk!(soFar, chunk, request);
    },
  }),
];
