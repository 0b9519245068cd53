import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { OtlpPost } from '../../src/record/otlp-post.ts';

/** More than Node takes for a leak of listeners. */
const POSTS = 12;

it('says nothing on a connection that many posts went over when the receiver closes it', async () => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  const times = { timeoutMs: 10_000, exitWaitMs: 1_000 };
  const post = new OtlpPost({ url, headers: {}, ...times, isGzip: false, tlsFiles: {} });
  const warnings: Error[] = [];
  const onWarning = (warning: Error): number => warnings.push(warning);
  process.on('warning', onWarning);
  try {
    for (let sent = 0; sent < POSTS; sent += 1)
      expect(await post.send(Buffer.from('{}'))).toEqual({ kind: 'sent' });
    server.closeAllConnections();
    // Until the last of them would have let go of the connection.
    await sleep(500);
    expect(warnings.map(({ message }) => message)).toEqual([]);
  } finally {
    process.off('warning', onWarning);
    server.close();
  }
});
