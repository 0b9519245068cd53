/** PostgreSQL itself, compiled to WebAssembly: one for all, since it takes seconds to start, emptied after each. */

import { findFreePort } from '@costspan/testkit';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import type { Broker } from './broker.ts';

/** Connections of one application. */
const MAX_CONNECTIONS = 20;
/** All connections share one session, and with it what has been prepared in it. */
const EMPTY = `DEALLOCATE ALL; DROP SCHEMA IF EXISTS pgboss CASCADE; DROP SCHEMA IF EXISTS graphile_worker CASCADE`;

let database: Promise<PGlite> | undefined;

export async function startPostgres(): Promise<Broker> {
  database ??= PGlite.create();
  const db = await database;
  const port = await findFreePort();
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: MAX_CONNECTIONS });
  await server.start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`,
    close: async () => {
      await server.stop();
      await db.exec(EMPTY);
    },
  };
}
