import { registerRuntime, unregisterRuntime } from '@costspan/api';
import type { Config } from '@costspan/config';
import { ENV, UNATTRIBUTED_FEATURE } from '@costspan/semconv';
import type { StepOperation } from '../framework.js';
import { followRequests } from './http-server.js';
import { ActiveOtel, type OtelApi } from './otel.js';
import {
  type Attribution,
  type AttributionSettings,
  resolveAttribution,
  resolveStepAttribution,
} from './resolve.js';
import { RequestRoutes } from './route.js';
import { AttributionRuntime } from './runtime.js';
import { readScopeValue } from './scope-value.js';
import { endStepTask, type StepState } from './step.js';
import type { TaskOutcome, TaskRecorder, TaskUsage } from './task.js';
import { TaskBook } from './tasks.js';

/** What attribution needs from the rest of the instrumentation. */
export interface AttributionOptions {
  readonly recorder: TaskRecorder;
  readonly config: Pick<Config, 'features' | 'tasks'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Loads `@opentelemetry/api`; called when an application has registered a context manager, not before. */
  readonly loadOtel: () => OtelApi;
  /** Told of every failure of ours; must not throw. */
  readonly onError: (error: unknown) => void;
  /** Sends what has been recorded; within that time, as far as it goes. */
  readonly flush: (timeoutMs: number) => Promise<void>;
}

/** Attribution at work: what the call engine asks. None of it throws. */
export interface Attributor {
  /** Whom and what a call serves that begins here and now. Makes the request's task where that is the task. */
  resolve(): Attribution;
  /** Whom and what a step of a framework serves that begins here and now. */
  resolveStep(operation: StepOperation): Attribution;
  /** Ends the task that a step was. */
  endStep(step: StepState, errorType: string | undefined): void;
  /** Tells the task of a call that the call has ended. */
  noteCall(attribution: Attribution, usage: TaskUsage): void;
  /** Ends the spans of all open tasks, before a last flush; `concluded` where the application has said nothing. */
  endOpenTasks(concluded?: TaskOutcome): void;
  /** Undoes the start. Open tasks still end by themselves. */
  stop(): void;
}

/** What a platform calls the function or the job that a process is: AWS Lambda, Google's functions, Cloud Run's jobs. */
const PLATFORM_NAMES = ['AWS_LAMBDA_FUNCTION_NAME', 'FUNCTION_TARGET', 'CLOUD_RUN_JOB'];

/** That name, as the feature of what nothing else names, unless the config says what that is. */
function readPlatformFeature({
  config,
  env,
}: Pick<AttributionOptions, 'config' | 'env'>): string | undefined {
  if (config.features.default !== UNATTRIBUTED_FEATURE) return undefined;
  const names = PLATFORM_NAMES.map((name) => readScopeValue(env[name]?.trim()));
  return names.find((name) => name !== undefined);
}

/** Begins to attribute: installs what `@costspan/api` calls and follows the requests of Node's HTTP servers. */
export function startAttribution(options: AttributionOptions): Attributor {
  const { config, onError } = options;
  const otel = new ActiveOtel(options.loadOtel);
  const tasks = new TaskBook(options.recorder, onError);
  const platformFeature = readPlatformFeature(options);
  const settings: AttributionSettings = {
    otel,
    tasks,
    routes: new RequestRoutes(),
    features: { ...config.features, default: platformFeature ?? config.features.default },
    isNamedFunction: platformFeature !== undefined,
    environmentFeature: readScopeValue(options.env[ENV.FEATURE]?.trim()),
    outcomeRules: config.tasks.outcome,
    taskSources: config.tasks.from,
  };
  const runtime = new AttributionRuntime(settings, { onError, flush: options.flush });
  registerRuntime(runtime);
  const unfollow = followRequests(onError);
  const guarded = (resolve: () => Attribution): Attribution => {
    try {
      return resolve();
    } catch (error) {
      onError(error);
      return { feature: settings.environmentFeature ?? settings.features.default };
    }
  };
  return {
    resolve: () => guarded(() => resolveAttribution(settings)),
    resolveStep: (operation) => guarded(() => resolveStepAttribution(settings, operation)),
    endStep: (step, errorType) => endStepTask(tasks, step, { errorType, rules: config.tasks.outcome }),
    noteCall: ({ task }, usage) => {
      if (task !== undefined) tasks.noteCall(task, usage);
    },
    endOpenTasks: (concluded) => tasks.endAll(concluded),
    stop: () => {
      unregisterRuntime(runtime);
      unfollow();
    },
  };
}
