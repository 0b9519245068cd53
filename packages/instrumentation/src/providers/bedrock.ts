import type { Exchange, MethodEndpoint, MethodsProvider } from '../provider.js';
import { getAsyncInvoke, startAsyncInvoke } from './bedrock/async.js';
import { converse, converseStream } from './bedrock/converse.js';
import { applyGuardrail, guardrailChecks } from './bedrock/guardrail.js';
import { countTokens, invokeModel, invokeModelStream } from './bedrock/invoke.js';
import { bedrockModule } from './bedrock/module.js';
import { speech } from './bedrock/speech.js';
import { readFields, readInteger, readText } from './fields.js';

const CLASS_NAMES = ['BedrockRuntimeClient', '_BedrockRuntimeClient'];

/** `send` is the one way out, of commands and of the methods of `BedrockRuntime`, which call it. */
const sentBy = (className: string): MethodEndpoint[] =>
  COMMANDS.map((endpoint) => ({ ...endpoint, className }));

const COMMANDS: readonly MethodEndpoint[] = [
  converse,
  converseStream,
  invokeModel,
  invokeModelStream,
  speech,
  startAsyncInvoke,
  getAsyncInvoke,
  applyGuardrail,
  guardrailChecks,
  countTokens,
];

/** The `@aws-sdk/client-bedrock-runtime` package. */
export const bedrock: MethodsProvider = {
  name: '@aws-sdk/client-bedrock-runtime',
  module: bedrockModule,
  client: {
    style: 'methods',
    // Endpoint and region are worked out with each request: the transport tells them.
    readBaseUrl: () => undefined,
    readSignal: ([, options]) => readFields(options).abortSignal,
    transport: {
      method: 'handle',
      find: (instance) => {
        const { requestHandler } = readFields(readFields(instance).config);
        return typeof requestHandler === 'object' && requestHandler !== null ? requestHandler : undefined;
      },
      readExchange,
    },
  },
  endpoints: CLASS_NAMES.flatMap(sentBy),
};

function readExchange([request]: readonly unknown[], received: unknown): Exchange {
  const { hostname, port, protocol } = readFields(request);
  const address = readText(hostname);
  const region = /\bbedrock-runtime(?:-fips)?\.([\w-]+)\./.exec(address ?? '')?.[1];
  return {
    ...(address === undefined ? {} : { serverAddress: address }),
    serverPort: readInteger(port) ?? (protocol === 'http:' ? 80 : 443),
    ...(region === undefined ? {} : { region }),
    headers: readFields(readFields(readFields(received).response).headers),
  };
}
