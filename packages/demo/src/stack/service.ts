import { join } from 'node:path';
import { type RunningProcess, readString, startProcess } from '@costspan/testkit';

/** Where the service finds its world. */
export interface ServiceSurroundings {
  /** The processor's OTLP door. */
  readonly otlpUrl: string;
  /** Base URLs and keys of the providers, as the SDKs read them. */
  readonly providerEnv: Readonly<Record<string, string>>;
}

/** The running shop service. */
export interface Service {
  readonly process: RunningProcess;
  readonly url: string;
}

/** What a shop would type, and all that makes its calls cost something visible. */
export const PRELOAD_FLAGS = ['--require', '@costspan/instrumentation/register'];

/** Starts the service with the preload in front: one flag, no change in its code. */
export async function startService({ otlpUrl, providerEnv }: ServiceSurroundings): Promise<Service> {
  const main = join(__dirname, '..', 'service', 'main.js');
  const child = startProcess(process.execPath, [...PRELOAD_FLAGS, main], {
    cwd: join(__dirname, '..', '..'),
    env: {
      ...process.env,
      ...providerEnv,
      OTEL_SERVICE_NAME: 'shop-support',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=demo',
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
      // Only so that the demo does not wait for the usual five seconds.
      OTEL_BSP_SCHEDULE_DELAY: '500',
      COSTSPAN_CONFIG: '',
    },
  });
  const ready = await child.waitForEvent('ready').catch(async (error: unknown) => {
    await child.stop();
    throw error;
  });
  return { process: child, url: readString(ready.url) ?? '' };
}
