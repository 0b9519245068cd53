import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AccessConfig, Right, TokenConfig } from '@costspan/config';

/** Shorter tokens can be guessed. */
const MIN_TOKEN_CHARS = 16;

/** Something under `access` cannot be used: which, and what to do. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: string;
  readonly fix: string;
  constructor({ code, message, fix }: { code: string; message: string; fix: string }) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}

/** Certificates as they were read, PEM. */
export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Authority of the clients; with it only they get in. */
  readonly ca?: Buffer;
}

/** Who gets in: `access` of the configuration with the contents of its files. */
export interface Access {
  readonly tokens: readonly Token[];
  readonly tls?: Tls;
}

/** A token by its digest: the text itself is kept nowhere. */
export interface Token {
  readonly name: string;
  readonly digest: Buffer;
  readonly rights: readonly Right[];
}

/** Reads the files and variables that `access` names; throws an {@link AccessError}. */
export function loadAccess(
  { tokens, tls }: AccessConfig,
  env: Readonly<Record<string, string | undefined>>,
): Access {
  const loaded = tokens.map((token) => loadToken(token, env));
  if (tls === undefined) return { tokens: loaded };
  const { cert, key, clientCa } = tls;
  const files = { cert: readAccessFile('access.tls.cert', cert), key: readAccessFile('access.tls.key', key) };
  const ca = clientCa === undefined ? {} : { ca: readAccessFile('access.tls.client_ca', clientCa) };
  return { tokens: loaded, tls: { ...files, ...ca } };
}

/** Whether somebody has to say who they are before they get in. */
export const isGuarded = ({ tokens, tls }: Access): boolean => tokens.length > 0 || tls?.ca !== undefined;

/** The token of these bytes; every one is compared, in the same time whatever it holds. */
export function findToken(tokens: readonly Token[], text: string): Token | undefined {
  const digest = digestOf(text);
  let found: Token | undefined;
  for (const token of tokens) if (timingSafeEqual(token.digest, digest)) found = token;
  return found;
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

function loadToken(
  { name, file, env: variable, rights }: TokenConfig,
  env: Readonly<Record<string, string | undefined>>,
): Token {
  const source = file ?? variable ?? '';
  const text =
    file === undefined
      ? env[variable ?? '']
      : readAccessFile(`access.tokens ${name}`, file).toString().trim();
  if (text !== undefined && text.length >= MIN_TOKEN_CHARS && !/\s/.test(text))
    return { name, digest: digestOf(text), rights };
  throw new AccessError({
    code: 'COSTSPAN_TOKEN',
    message: `the token ${name} in ${source} is ${text === undefined ? 'not set' : 'too short or holds spaces'}`,
    fix: `put at least ${MIN_TOKEN_CHARS} characters there, for example those of openssl rand -hex 32`,
  });
}

function readAccessFile(where: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new AccessError({
      code: 'COSTSPAN_ACCESS_FILE',
      message: `${where}: ${path} cannot be read (${code})`,
      fix: 'name a file that this user may read',
    });
  }
}
