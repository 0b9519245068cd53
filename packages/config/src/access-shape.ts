import { list, object, optional, required, withDefault } from './collections.js';
import { type AccessConfig, RIGHTS } from './config.js';
import { oneOf, text } from './scalars.js';
import { convert, refine, report, type Shape } from './shape.js';

const TOKEN = refine(
  object({
    name: required(text('collector'), 'Who has it, for the log and for limits; never secret.'),
    file: optional(text('/run/secrets/costspan'), 'File that holds it; read again on SIGHUP.'),
    env: optional(text('COSTSPAN_TOKEN'), 'Environment variable that holds it.'),
    rights: withDefault(list(oneOf(RIGHTS)), RIGHTS, 'What it is good for. Default all.'),
  }),
  ({ file, env }, place) => {
    if ((file === undefined) !== (env === undefined)) return;
    report(place, {
      code: 'COSTSPAN_CONFIG_WRONG_VALUE',
      message:
        'a token is in a file or in an environment variable: one of them must be named, never the token itself',
      fix: 'write for example file: /run/secrets/costspan',
    });
  },
);

const TLS = convert(
  object({
    cert: required(
      text('/etc/costspan/tls.crt'),
      'File of the certificate chain, PEM; read again on SIGHUP.',
    ),
    key: required(text('/etc/costspan/tls.key'), 'File of its private key, PEM.'),
    client_ca: optional(
      text('/etc/costspan/clients.crt'),
      'File of the authority of clients, PEM: then only clients with its certificate get in.',
    ),
  }),
  ({ client_ca: clientCa, ...own }) => ({ ...own, ...(clientCa === undefined ? {} : { clientCa }) }),
);

/** `access:` */
export const ACCESS: Shape<AccessConfig> = object({
  tokens: withDefault(list(TOKEN), [], 'Who may send and read. Without any, whoever reaches a door.'),
  tls: optional(TLS, 'Every door speaks TLS 1.2 or newer.'),
});
