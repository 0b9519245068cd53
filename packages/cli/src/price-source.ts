import { readFileSync } from 'node:fs';
import { CliError, EXIT } from './verb.js';

/** A table of ten times the built-in one; a larger answer is no price table. */
const MAX_TABLE_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** The text of a price table from a file or from a URL that the user named; nothing else is ever fetched. */
export async function readPriceSource(source: string): Promise<string> {
  return /^https?:/i.test(source) ? fetchText(new URL(source)) : readText(source);
}

function readText(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (Buffer.byteLength(text) <= MAX_TABLE_BYTES) return text;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new CliError(`${file} cannot be read (${code})`, { fix: 'name a file that is there, or a URL' });
  }
  throw tooLarge(file);
}

async function fetchText(url: URL): Promise<string> {
  if (url.protocol !== 'https:' && !LOOPBACK.test(url.hostname)) {
    throw new CliError(`${url.href} is not https: whoever stands between could change the prices`, {
      fix: 'name an https URL, or fetch the file and name it',
    });
  }
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw failed(url, error instanceof Error ? String(error.cause ?? error.message) : String(error));
  }
  if (!response.ok) throw failed(url, `status ${response.status}`);
  return readBounded(url, response);
}

/** The body, cut off where it is larger than any table. */
async function readBounded(url: URL, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_TABLE_BYTES) throw tooLarge(url.href);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const failed = (url: URL, why: string): CliError =>
  new CliError(`${url.href} did not give a table: ${why}`, {
    fix: 'look whether the URL opens from here',
    exitCode: EXIT.FAILED,
  });

const tooLarge = (source: string): CliError =>
  new CliError(`${source} is larger than ${MAX_TABLE_BYTES} bytes`, {
    fix: 'name a price table; costspan prices export shows what one looks like',
  });
