import type { PlannedRequest } from './plan.js';

/** How the requests ended, as the customers saw it. */
export interface TrafficResult {
  readonly ok: number;
  readonly failed: number;
  readonly left: number;
}

const requestTimeoutMs = 60_000;

/** Sends the requests, at most `concurrency` at a time, and waits for the last answer. */
export async function driveTraffic(
  serviceUrl: string,
  requests: readonly PlannedRequest[],
  { concurrency, signal }: { concurrency: number; signal: AbortSignal },
): Promise<TrafficResult> {
  const counts = { ok: 0, failed: 0, left: 0 };
  const waiting = requests.values();
  const work = async () => {
    // The workers share one iterator, so that each request is taken once.
    for (const request of waiting) {
      signal.throwIfAborted();
      counts[await send(serviceUrl, request, signal)] += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return counts;
}

async function send(
  serviceUrl: string,
  request: PlannedRequest,
  signal: AbortSignal,
): Promise<keyof TrafficResult> {
  const leave = new AbortController();
  const response = await fetch(serviceUrl + request.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
    signal: AbortSignal.any([leave.signal, signal, AbortSignal.timeout(requestTimeoutMs)]),
  });
  if (request.leavesEarly && response.ok) {
    await response.body?.getReader().read();
    leave.abort();
    return 'left';
  }
  try {
    await response.arrayBuffer();
  } catch (error) {
    if (signal.aborted) throw error;
    // The service broke the answer off: for the customer a failure like any other.
    return 'failed';
  }
  return response.ok ? 'ok' : 'failed';
}
