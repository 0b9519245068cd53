/** The real Alertmanager with the configuration that is shipped, and the webhook that its receivers call. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  findFreePort,
  type RunningProcess,
  readArray,
  readObject,
  readString,
  startProcess,
  until,
} from '@costspan/testkit';
import { CONFIG_FOLDER } from './collector.ts';
import { LIFE_MS } from './stack.ts';

export const ALERTMANAGER_CONFIG = join(CONFIG_FOLDER, 'alertmanager', 'alertmanager.yml');

/** What came to one receiver. */
export interface Delivery {
  readonly receiver: string;
  readonly alertNames: readonly string[];
  readonly labels: Readonly<Record<string, unknown>>;
  readonly summaries: readonly string[];
}

export interface Webhook {
  readonly origin: string;
  readonly deliveries: readonly Delivery[];
  close(): Promise<void>;
}

/** Takes what Alertmanager posts. */
export async function startWebhook(): Promise<Webhook> {
  const deliveries: Delivery[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.end();
    const body = readObject(JSON.parse(Buffer.concat(parts).toString()));
    const alerts = readArray(body.alerts).map(readObject);
    deliveries.push({
      receiver: (request.url ?? '').slice(1),
      alertNames: alerts.map((alert) => readString(readObject(alert.labels).alertname) ?? '').sort(),
      labels: readObject(body.groupLabels),
      summaries: alerts.map((alert) => readString(readObject(alert.annotations).summary) ?? ''),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface AlertmanagerProcess {
  readonly process: RunningProcess;
  readonly origin: string;
  /** Names of the alerts that it has, by whether they are `active` or `suppressed`. */
  listAlerts(state: 'active' | 'suppressed', labels: Readonly<Record<string, string>>): Promise<string[]>;
}

/**
 * Starts it with the shipped file, but the webhook's address and waits of seconds: a test does not wait minutes. They
 * are long enough for what Prometheus, stopped for seconds on a busy machine, finds of one cause in several evaluations.
 */
export async function startAlertmanager(
  path: string,
  { folder, webhook }: { folder: string; webhook: string },
): Promise<AlertmanagerProcess> {
  const shipped = readFileSync(ALERTMANAGER_CONFIG, 'utf8');
  const config = join(folder, 'alertmanager.yml');
  writeFileSync(
    config,
    shipped
      .replaceAll('http://127.0.0.1:9099', webhook)
      .replace(/group_wait: \w+/g, 'group_wait: 20s')
      .replace(/group_interval: \w+/g, 'group_interval: 5s'),
  );
  const data = join(folder, 'alertmanager');
  mkdirSync(data, { recursive: true });
  const origin = `http://127.0.0.1:${await findFreePort()}`;
  const flags = [
    `--web.listen-address=${new URL(origin).host}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ];
  const running = startProcess(path, [`--config.file=${config}`, `--storage.path=${data}`, ...flags], {
    timeoutMs: LIFE_MS,
  });
  await until(async () => (await fetch(`${origin}/-/ready`)).ok);
  return {
    process: running,
    origin,
    listAlerts: async (state, labels) => {
      const alerts: unknown = await (await fetch(`${origin}/api/v2/alerts`)).json();
      return readArray(alerts)
        .map(readObject)
        .filter((alert) => readString(readObject(alert.status).state) === state)
        .map((alert) => readObject(alert.labels))
        .filter((own) => Object.entries(labels).every(([name, value]) => own[name] === value))
        .map(({ alertname }) => readString(alertname) ?? '')
        .sort();
    },
  };
}
