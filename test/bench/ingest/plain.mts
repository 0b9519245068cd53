/** The plain decoder: the whole message tree by protobufjs, or by JSON.parse, and the spans in it counted. */
import { createServer, type IncomingMessage } from 'node:http';
import { RequestType } from './body.mts';

interface Request {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly object[] }[];
  }[];
}

let spans = 0;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const decode = (request: IncomingMessage, body: Buffer): Request =>
  request.headers['content-type'] === 'application/json'
    ? (JSON.parse(body.toString()) as Request)
    : (RequestType.decode(body) as unknown as Request);

const server = createServer(async (request, response) => {
  if (request.method === 'POST') {
    const { resourceSpans } = decode(request, await readBody(request));
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans += scope.spans.length;
    response.end();
  } else response.end(`plain_spans_total ${spans}\n`);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const origin = `http://127.0.0.1:${port}`;
  process.stdout.write(`${JSON.stringify({ event: 'ready', otlp_http: origin, metrics: origin })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
