// Questions over a connection that stays open: of ws, and of Socket.IO over both of its transports.
import { once } from 'node:events';
import { createServer } from 'node:http';

const listen = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

async function askOverWs({ load, ask, see }) {
  const { WebSocket, WebSocketServer } = await load('ws');
  const server = await listen();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', async (text) => {
      await ask(String(text));
      socket.send('answered');
    });
  });
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}/chat/12345?token=secret`);
  await once(client, 'open');
  client.send('question');
  const [answer] = await once(client, 'message');
  see('ws', answer);
  client.close();
  await once(client, 'close');
  sockets.close();
  server.close();
}

async function askOverSocketIo({ load, ask, see }) {
  const { Server } = await load('socket.io');
  const { io: connect } = await load('socket.io-client');
  const server = await listen();
  const io = new Server(server);
  io.on('connection', (socket) => {
    socket.on('question', async (text, answer) => {
      await ask(text);
      answer('answered');
    });
  });
  for (const transport of ['polling', 'websocket']) {
    const client = connect(`http://127.0.0.1:${server.address().port}`, { transports: [transport] });
    see('socket.io', transport, await client.emitWithAck('question', transport));
    client.close();
  }
  await io.close();
}

export async function run(tools) {
  await askOverWs(tools);
  await askOverSocketIo(tools);
}
