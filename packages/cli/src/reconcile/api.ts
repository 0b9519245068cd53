import { setTimeout as sleep } from 'node:timers/promises';
import { type BillApi, type Fields, readFields } from '../providers/bill.js';
import { CliError, EXIT } from '../verb.js';

const TIMEOUT_MS = 60_000;
const TRIES = 4;
const MAX_WAIT_MS = 20_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** A provider's cost API. The key goes to that host and into no text; too many requests are waited for. */
export function createBillApi(baseUrl: string, key: string): BillApi {
  const base = new URL(baseUrl);
  if (base.protocol !== 'https:' && !LOOPBACK.test(base.hostname))
    throw new CliError(`${baseUrl} is not https, and the key would be readable on the way`, {
      fix: 'name an https URL',
    });
  return {
    key,
    async get(path, query, headers) {
      const url = new URL(path, base);
      for (const [name, value] of query) url.searchParams.append(name, value);
      return getJson(url, headers, TRIES);
    },
  };
}

async function getJson(url: URL, headers: Readonly<Record<string, string>>, tries: number): Promise<Fields> {
  let response: Response;
  try {
    // A redirect could take the key elsewhere.
    response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error.message) : error;
    throw failed(url, String(cause), 'look whether the host is reachable from here');
  }
  if ((response.status === 429 || response.status >= 500) && tries > 1) {
    const seconds = Number(response.headers.get('retry-after'));
    await response.body?.cancel();
    await sleep(Math.min(Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 1_000, MAX_WAIT_MS));
    return getJson(url, headers, tries - 1);
  }
  const text = await response.text();
  if (!response.ok) throw failed(url, `status ${response.status}`, explainStatus(response.status));
  if (text.length > MAX_ANSWER_BYTES) throw failed(url, 'the answer is too long', 'ask for a shorter period');
  try {
    return readFields(JSON.parse(text));
  } catch {
    throw failed(url, 'the answer is no JSON', 'look whether --url is right');
  }
}

const explainStatus = (status: number): string =>
  status === 401 || status === 403
    ? 'the key must be an admin or management key of the organization'
    : 'try again later, or use --file with an export';

const failed = (url: URL, what: string, fix: string): CliError =>
  new CliError(`${url.origin}${url.pathname}: ${what}`, { fix, exitCode: EXIT.FAILED });
