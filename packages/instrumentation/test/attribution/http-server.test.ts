import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentTask, recordOutcome, withFeature, withTask } from '@costspan/api';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { ask, serve, servePlain, until } from './served.ts';
import { resolve, startInMemory } from './started.ts';

const started = startInMemory();
const { attributor, spans, takeSpans } = started;
afterEach(() => {
  expect(started.errors.splice(0)).toEqual([]);
  expect(spans.splice(0)).toEqual([]);
});
afterAll(() => attributor.stop());
const isAllEnded = (): boolean => spans.length > 0 && spans.every((span) => span.isEnded);

/** No `http.route`: nobody has told one. */
const taskOf = (method: string, route: string, rest: object): object => ({
  name: `task ${method} ${route}`,
  'costspan.feature': route,
  'costspan.task.name': `${method} ${route}`,
  'http.request.method': method,
  isEnded: true,
  ...rest,
});
const ended = (status: number | undefined, outcome: string, source = 'http'): object => ({
  'http.response.status_code': status,
  'costspan.task.outcome': outcome,
  'costspan.task.outcome.source': source,
});

describe('a request of a plain server', () => {
  test('is feature and task of its calls, and its status the outcome', async () => {
    const seen: object[] = [];
    const respond = (request: http.IncomingMessage, response: http.ServerResponse): void => {
      seen.push(resolve(started), resolve(started));
      response.writeHead(Number(request.url?.slice(-3))).end();
    };
    await servePlain(respond, async (port) => {
      for (const status of [200, 302, 404, 503]) await ask(port, `/chat/42/${status}`);
      await until(() => spans.length === 4 && isAllEnded());
    });
    const route = '/chat/:id/:id';
    const attribution = { feature: route, taskName: `GET ${route}` };
    expect(seen).toEqual(Array(8).fill(attribution));
    expect(takeSpans()).toEqual([
      taskOf('GET', route, ended(200, 'success')),
      taskOf('GET', route, ended(302, 'success')),
      taskOf('GET', route, ended(404, 'failure')),
      taskOf('GET', route, ended(503, 'failure')),
    ]);
  });

  test('without a model call leaves no trace; the one listener comes with the first call', async () => {
    const listeners: number[] = [];
    const serveOnce = (call: () => void): Promise<unknown> =>
      servePlain(
        (_request, response) => {
          const bare = response.listenerCount('close');
          call();
          call();
          listeners.push(response.listenerCount('close') - bare);
          response.end();
        },
        (port) => ask(port, '/'),
      );
    await serveOnce(() => currentTask());
    expect(takeSpans()).toEqual([]);
    await serveOnce(() => attributor.resolve());
    await until(isAllEnded);
    expect(takeSpans().length).toBe(1);
    expect(listeners).toEqual([0, 1]);
  });

  test('stays apart from all others, on kept-alive connections with bodies and waits', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
    const respond = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
      const before = attributor.resolve();
      for await (const _chunk of request);
      await sleep(Math.random() * 10);
      const after = attributor.resolve();
      response.end(
        JSON.stringify([request.url, before.feature, after.feature, before.taskId === after.taskId]),
      );
    };
    const names = Array.from(
      { length: 40 },
      (_, n) => `/x${String.fromCharCode(97 + (n % 26))}${n > 25 ? 'y' : ''}`,
    );
    const answers = await servePlain(respond, async (port) => {
      const all = await Promise.all(
        names.map((name) => ask(port, name, { agent, body: 'b'.repeat(100_000) })),
      );
      await until(isAllEnded);
      return all;
    });
    agent.destroy();
    expect(answers.map(({ body }) => JSON.parse(body))).toEqual(
      names.map((name) => [name, name, name, true]),
    );
    expect(new Set(spans.map(({ attributes }) => attributes['costspan.task.id'])).size).toBe(40);
    expect(takeSpans().length).toBe(40);
  });

  test('stays apart from those pipelined behind it', async () => {
    const respond = async (_request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
      await sleep(5);
      response.end(attributor.resolve().feature);
    };
    const text = await servePlain(respond, async (port) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.write(['/a', '/b', '/c'].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
      let received = '';
      for await (const chunk of socket) {
        received += chunk;
        if (received.split('HTTP/1.1 200').length === 4 && received.endsWith('/c\r\n0\r\n\r\n')) break;
        if (received.endsWith('\r\n\r\n/c')) break;
      }
      return received;
    });
    await until(() => spans.length === 3 && isAllEnded());
    expect(text.match(/\/[abc]/g)).toEqual(['/a', '/b', '/c']);
    expect(takeSpans()).toEqual(
      ['/a', '/b', '/c'].map((route) => taskOf('GET', route, ended(200, 'success'))),
    );
  });

  test('does not inherit the scope that the server was started in', async () => {
    const feature = await withFeature('boot', () =>
      servePlain(
        (_request, response) => response.end(attributor.resolve().feature),
        (port) => ask(port, '/chat'),
      ),
    );
    await until(isAllEnded);
    expect(feature.body).toBe('/chat');
    takeSpans();
  });

  test('yields to explicit scopes: the feature alone, or the task too', async () => {
    const seen: object[] = [];
    await servePlain(
      async (_request, response) => {
        await withFeature('support', async () => seen.push(resolve(started)));
        await withTask('resolve', async (task) => {
          task.succeed();
          seen.push(resolve(started));
        });
        response.end();
      },
      async (port) => {
        await ask(port, '/chat');
        await until(() => spans.length === 2 && isAllEnded());
      },
    );
    expect(seen).toEqual([
      { feature: 'support', taskName: 'GET /chat' },
      { feature: '/chat', taskName: 'resolve' },
    ]);
    expect(takeSpans().map((span) => Object.entries(span).slice(0, 2))).toEqual([
      [
        ['name', 'task GET /chat'],
        ['costspan.feature', 'support'],
      ],
      [
        ['name', 'task resolve'],
        ['costspan.feature', '/chat'],
      ],
    ]);
  });

  test('takes an outcome that the application tells over its status', async () => {
    await servePlain(
      (_request, response) => {
        attributor.noteCall(attributor.resolve(), { costPicoUsd: 2_000_000, tokens: 5 });
        const task = currentTask();
        if (task !== undefined) recordOutcome(task.id, 'failure', { reason: 'escalated' });
        response.end(String(task?.costUsd));
      },
      async (port) => {
        expect((await ask(port, '/chat')).body).toBe('0.000002');
        await until(isAllEnded);
      },
    );
    const told = { ...ended(200, 'failure', 'api'), 'costspan.task.outcome.reason': 'escalated' };
    expect(takeSpans()).toEqual([taskOf('GET', '/chat', told)]);
  });
});

describe('a response that does not end as it should', () => {
  test('is abandoned when the client goes away, before or within the response', async () => {
    const respond = (request: http.IncomingMessage, response: http.ServerResponse): void => {
      attributor.resolve();
      if (request.url === '/late') response.write('first chunk');
    };
    await servePlain(respond, async (port) => {
      for (const path of ['/early', '/late']) {
        const request = http.get({ host: '127.0.0.1', port, path });
        request.on('error', () => {});
        if (path === '/late') await once(request, 'response');
        else await until(() => spans.length === 1);
        request.destroy();
        await until(isAllEnded);
      }
    });
    expect(takeSpans()).toEqual([
      taskOf('GET', '/early', ended(undefined, 'abandoned')),
      taskOf('GET', '/late', ended(200, 'abandoned')),
    ]);
  });

  test('is a failure when the application destroys it with an error', async () => {
    await servePlain(
      (_request, response) => {
        attributor.resolve();
        response.on('error', () => {});
        response.write('first chunk');
        setTimeout(() => response.destroy(new RangeError('application')), 20);
      },
      async (port) => {
        await expect(ask(port, '/chat')).rejects.toThrow();
        await until(isAllEnded);
      },
    );
    const failed = { ...ended(200, 'failure', 'exception'), 'error.type': 'RangeError' };
    expect(takeSpans()).toEqual([taskOf('GET', '/chat', failed)]);
  });

  test('does not warn of listeners that the application did not add', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on('warning', note);
    await servePlain(
      (_request, response) => {
        const bare = response.listenerCount('close');
        for (let n = bare; n < response.getMaxListeners(); n += 1) response.on('close', () => {});
        attributor.resolve();
        response.end();
      },
      async (port) => {
        await ask(port, '/chat');
        await until(isAllEnded);
        await sleep(10);
      },
    );
    process.off('warning', note);
    expect(warnings).toEqual([]);
    takeSpans();
  });
});

test('work after the response still belongs to its request', async () => {
  let after: object | undefined;
  await servePlain(
    (_request, response) => {
      response.on('close', () => setTimeout(() => (after = resolve(started)), 10));
      response.writeHead(202).end();
    },
    async (port) => {
      await ask(port, '/jobs/42?x=1');
      await until(() => after !== undefined);
    },
  );
  expect(after).toEqual({ feature: '/jobs/:id', taskName: 'GET /jobs/:id' });
  expect(takeSpans()).toEqual([taskOf('GET', '/jobs/:id', ended(202, 'success'))]);
});

/** Whether this Node publishes the start of requests over HTTP/2, tried with a real one. */
async function announcesHttp2(): Promise<boolean> {
  let isAnnounced = false;
  const note = (): void => {
    isAnnounced = true;
  };
  subscribe('http2.server.stream.start', note);
  await serve(
    http2.createServer((_request, response) => response.end()),
    async (port) => {
      const client = http2.connect(`http://127.0.0.1:${port}`);
      await once(client.request({ ':path': '/' }).resume().end(), 'close');
      client.close();
    },
  );
  unsubscribe('http2.server.stream.start', note);
  return isAnnounced;
}

test('requests over HTTP/2 are told apart by their path and end with their stream', async (context) => {
  if (!(await announcesHttp2()))
    context.skip(`Node ${process.version} does not announce requests over HTTP/2`);
  const server = http2.createServer(async (request, response) => {
    attributor.resolve();
    if (request.url === '/hangs') return;
    for await (const _chunk of request);
    await sleep(Math.random() * 10);
    response.writeHead(request.url === '/fails' ? 500 : 200);
    response.end(attributor.resolve().feature);
  });
  const texts = await serve(server, async (port) => {
    const client = http2.connect(`http://127.0.0.1:${port}`);
    const read = async ([method, path]: readonly string[]): Promise<string> => {
      let text = '';
      const stream = client.request({ ':path': path, ':method': method });
      for await (const chunk of stream.end('x')) text += chunk;
      return text;
    };
    const all = await Promise.all(
      [
        ['POST', '/chat/1?x'],
        ['POST', '/fails'],
        ['alice', '/named'],
      ].map(read),
    );
    const hanging = client.request({ ':path': '/hangs' });
    hanging.on('error', () => {});
    await until(() => spans.length === 4);
    hanging.close(http2.constants.NGHTTP2_CANCEL);
    await until(isAllEnded);
    client.close();
    return all;
  });
  expect(texts).toEqual(['/chat/:id', '/fails', '/named']);
  expect(takeSpans()).toEqual([
    taskOf('POST', '/chat/:id', ended(200, 'success')),
    taskOf('POST', '/fails', ended(500, 'failure')),
    // A method that the client has made up names no task.
    taskOf('_OTHER', '/named', ended(200, 'success')),
    taskOf('GET', '/hangs', ended(undefined, 'abandoned')),
  ]);
});
