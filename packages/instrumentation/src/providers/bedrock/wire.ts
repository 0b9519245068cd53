import { PROVIDER } from '@costspan/semconv';
import type { CallReaders, CallRequest, Endpoint, EndpointCall } from '../../provider.js';
import { omitUndefined, readFields, readText } from '../fields.js';
import { readHost } from '../hosts.js';
import { invokeAgent, invokeInlineAgent } from './agents.js';
import { converse, converseStream } from './converse.js';
import { invokeModel, invokeModelStream } from './invoke.js';
import { rerank } from './rerank.js';
import { unstatedByHand } from './unstated.js';

/** The model stands in the path, an ARN with its slashes encoded. */
const pathOf = (action: string): RegExp => new RegExp(`^/model/([^/]+)/${action}$`);

const byHand = (action: string, readers: CallReaders): Endpoint =>
  atPath(pathOf(action), readers, (call) => toInput(call, pathOf(action)));

/** A command at the path that it is posted to; `readInput` makes its input from what was posted. */
function atPath(
  path: RegExp,
  { name, readRequest, readResponse, readHead, readChunk }: CallReaders,
  readInput: (call: EndpointCall) => unknown = ({ body }) => body,
): Endpoint {
  return {
    name,
    method: 'post',
    path,
    readRequest: (call) => ({ ...readRequest({ ...call, body: readInput(call) }), ...placeOf(call) }),
    readResponse,
    ...(readHead === undefined ? {} : { readHead }),
    ...(readChunk === undefined ? {} : { readChunk }),
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
export const bedrockModelsByHand: readonly Endpoint[] = [
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

/** And its agents, and what else it sells. */
export const bedrockByHand: readonly Endpoint[] = [
  ...bedrockModelsByHand,
  atPath(/^\/agents\/[^/]+\/agentAliases\/[^/]+\/sessions\/[^/]+\/text$/, invokeAgent),
  atPath(/^\/agents\/[^/]+$/, invokeInlineAgent),
  atPath(/^\/rerank$/, rerank),
  ...unstatedByHand.map(([path, readers]) => atPath(path, readers)),
];
