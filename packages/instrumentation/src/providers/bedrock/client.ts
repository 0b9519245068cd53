import type { ModuleGate } from '../../module-gate.js';
import type { Exchange, MethodEndpoint, MethodsProvider } from '../../provider.js';
import { readFields, readInteger, readText } from '../fields.js';

/** A client of the AWS SDK: `send` is the one way out, of commands and of the methods of the class around it. */
export function awsClient(module: ModuleGate, commands: readonly MethodEndpoint[]): MethodsProvider {
  const sentBy = (className: string): MethodEndpoint[] =>
    commands.map((endpoint) => ({ ...endpoint, className }));
  return {
    name: module.package,
    module,
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
    endpoints: [module.exportName ?? []].flat().flatMap(sentBy),
  };
}

function readExchange([request]: readonly unknown[], received: unknown): Exchange {
  const { hostname, port, protocol } = readFields(request);
  const address = readText(hostname);
  const region = /\bbedrock(?:-agent)?(?:-runtime)?(?:-fips)?\.([\w-]+)\./.exec(address ?? '')?.[1];
  return {
    ...(address === undefined ? {} : { serverAddress: address }),
    serverPort: readInteger(port) ?? (protocol === 'http:' ? 80 : 443),
    ...(region === undefined ? {} : { region }),
    headers: readFields(readFields(readFields(received).response).headers),
  };
}
