import { runProcessor } from '@costspan/processor';
import type { Verb } from '../verb.js';

const help = `usage: costspan processor [--config FILE] [--otlp-http HOST:PORT] [--otlp-grpc HOST:PORT]
                          [--metrics HOST:PORT] [--data DIR]

Receives spans (OTLP over HTTP and gRPC) and serves Prometheus metrics. Port 0 takes a free one. Prints one JSON line
when it can serve; SIGTERM finishes what is under way and ends it, SIGHUP reads the config again.

  --config FILE           default: COSTSPAN_CONFIG, else ./costspan.yaml when it is there
  --otlp-http HOST:PORT   default 127.0.0.1:4318
  --otlp-grpc HOST:PORT   default 127.0.0.1:4317
  --metrics HOST:PORT     default 127.0.0.1:9464
  --data DIR              keeps everything there, through crashes; default: in memory only
`;

/** `costspan processor` */
export const processor: Verb = {
  help,
  run: (argv, { stdout, stderr, env }) => runProcessor(argv, { stdout, stderr, env }),
};
