import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { AccessConfig, Right, TokenConfig } from '@costspan/config';
import type { StartError } from '../arguments.js';

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
  return { tokens: loaded, tls: loadTls(tls) };
}

/**
 * A server that listens goes on asking for certificates of clients, or not, as it did at its start: throws an
 * {@link AccessError} where `next` would have it otherwise than `started`, since its doors would stand open.
 */
export function checkReload(started: Access, next: Access): void {
  const isSame =
    (started.tls === undefined) === (next.tls === undefined) &&
    (started.tls?.ca === undefined) === (next.tls?.ca === undefined);
  if (isSame) return;
  throw new AccessError({
    code: 'COSTSPAN_ACCESS_RESTART',
    message: 'access.tls and access.tls.client_ca cannot come or go while the processor serves',
    fix: 'restart the processor; certificates, authorities and tokens are taken on SIGHUP',
  });
}

/**
 * A certificate of ours that is out of its time: no client will talk to it. What was wrong may be the clock, and a
 * renewed one is taken on SIGHUP, so the processor serves all the same.
 */
export function findOutdated({ tls }: Access, nowMs: number): StartError | undefined {
  if (tls === undefined) return undefined;
  const { validFrom, validTo } = new X509Certificate(tls.cert);
  if (nowMs >= Date.parse(validFrom) && nowMs <= Date.parse(validTo)) return undefined;
  return {
    code: 'COSTSPAN_TLS',
    message: `access.tls.cert is valid from ${validFrom} to ${validTo} only: clients refuse it now`,
    fix: 'renew it and send SIGHUP, or set the clock of this machine right',
  };
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

function loadTls({ cert, key, clientCa }: NonNullable<AccessConfig['tls']>): Tls {
  const own = { cert: readAccessFile('access.tls.cert', cert), key: readAccessFile('access.tls.key', key) };
  try {
    createSecureContext(own);
  } catch (error) {
    const reason = error instanceof Error && 'reason' in error ? error.reason : 'not PEM';
    throw new AccessError({
      code: 'COSTSPAN_TLS',
      message: `access.tls: ${cert} and ${key} are no certificate and its key (${reason})`,
      fix: 'name a certificate chain and the private key that belongs to it, both PEM, the key without a passphrase',
    });
  }
  if (clientCa === undefined) return own;
  const ca = readAccessFile('access.tls.client_ca', clientCa);
  if (isCertificate(ca)) return { ...own, ca };
  throw new AccessError({
    code: 'COSTSPAN_TLS',
    message: `access.tls.client_ca: ${clientCa} holds no certificate`,
    fix: 'name the certificate of the authority that signs those of the clients, PEM',
  });
}

/** OpenSSL takes any bytes for authorities, and then knows none: nobody would get in, and nothing would say why. */
function isCertificate(pem: Buffer): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
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
