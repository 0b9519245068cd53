// A plain HTTP service without any model call. `/cpu` answers with the CPU milliseconds used so far.
const { createServer } = require('node:http');
const { cpuMs, report, turn } = require('./report.cjs');

const server = createServer(async (request, response) => {
  if (request.url === '/cpu') {
    response.end(String(cpuMs()));
    return;
  }
  await turn();
  await turn();
  response.setHeader('content-type', 'application/json');
  response.end('{"ok":true}');
});
server.listen(0, '127.0.0.1', () => report({ port: server.address().port }));
process.on('SIGTERM', () => process.exit(0));
