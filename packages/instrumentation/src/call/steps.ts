import { tracingChannel } from 'node:diagnostics_channel';
import { currentScope, type Scope, scopeStorage } from '../attribution/index.js';
import { guard } from '../diagnostics.js';
import type { Framework, ObserveFunction, Step, StepChannel } from '../framework.js';
import type { Found } from '../load/announce.js';
import { compareVersions } from '../load/version-order.js';
import { isStream, observeStream } from './iterable.js';
import type { OpenStep, StepStarter } from './step-starter.js';
import { ToldRun } from './told.js';
import { type Method, type PatchedClass, wrapFunction, wrapOwnMethod } from './wrap.js';

/** A class or a function of a framework that has been loaded. */
export interface LoadedPart {
  readonly className: string;
  readonly loadedClass: unknown;
  readonly replace?: Found['replace'];
  readonly version: string;
}

/** Puts ours around the steps of one class or function of a framework, and follows what it tells itself. */
export function patchFramework(part: LoadedPart, framework: Framework, starter: StepStarter): void {
  const { channel } = framework;
  if (channel !== undefined && compareVersions(part.version, channel.from) >= 0) {
    guard(`following ${framework.name}`, () => followChannel(channel, starter));
    return;
  }
  guard(`patching ${part.className} of ${framework.module.package}`, () => {
    const isOwn = ({ below }: Step): boolean =>
      below === undefined || compareVersions(part.version, below) < 0;
    for (const step of framework.steps.filter(isOwn)) {
      const wrap = (original: Method): Method =>
        step.isMaker === true
          ? observeMaker(original, step, { framework, starter })
          : observeStep(original, step, { framework, starter });
      if (step.className === undefined && step.method === part.className && part.replace !== undefined)
        part.replace(wrapFunction(part.loadedClass as Method, wrap));
      else if (step.className === part.className)
        wrapOwnMethod(part.loadedClass as PatchedClass, step.method, wrap);
    }
  });
}

interface StepObserver {
  readonly framework: Framework;
  readonly starter: StepStarter;
}

/** A method or function that is a step: it runs in the step's scope, and whatever it gives tells the step's end. */
function observeStep(original: Method, step: Step, { framework, starter }: StepObserver): Method {
  return function method(this: object, ...args: unknown[]): unknown {
    const open = starter.isEnabled ? begin(framework, step, { args, instance: this, starter }) : undefined;
    const hasNoStart = step.readStart === undefined && starter.isEnabled;
    if (open === undefined && !hasNoStart) return original.apply(this, args);
    const given = exchange(args, step, { framework, starter });
    if (open === undefined) return original.apply(this, given);
    let returned: unknown;
    try {
      returned = open.enter(() => original.apply(this, given));
    } catch (error) {
      fail(open, framework, error);
      throw error;
    }
    const told = step.told === undefined ? undefined : new ToldRun(step.told, { args, open, starter });
    return followReturned(returned, open, { framework, step, told });
  };
}

/** The arguments, with the functions among them observed that are steps of their own. */
function exchange(args: unknown[], step: Step, observer: StepObserver): unknown[] {
  if (step.exchange === undefined) return args;
  const observe: ObserveFunction = (fn, owner, readStart) => {
    if (typeof fn !== 'function') return fn;
    const own = function own(...ownArgs: unknown[]): unknown {
      return (fn as Method).apply(owner, ownArgs);
    };
    for (const property of ['name', 'length'] as const)
      Object.defineProperty(own, property, { value: fn[property], configurable: true });
    return wrapFunction(own, (run) => observeStep(run, { method: step.method, readStart }, observer));
  };
  const exchanged = guard(`reading tools of ${observer.framework.name}`, () =>
    step.exchange?.(args, observe),
  );
  return exchanged === undefined ? args : [...exchanged];
}

/** A method that makes the function that is the step. */
function observeMaker(original: Method, step: Step, observer: StepObserver): Method {
  const { framework, starter } = observer;
  return function method(this: object, ...args: unknown[]): unknown {
    const made = original.apply(this, args);
    if (typeof made !== 'function' || !starter.isEnabled) return made;
    const run: Step = { ...step, readStart: (own) => step.readStart?.(own, this, args) };
    return wrapFunction(made as Method, (own) => observeStep(own, run, { framework, starter }));
  };
}

function begin(
  framework: Framework,
  step: Step,
  { args, instance, starter }: { args: readonly unknown[]; instance: object; starter: StepStarter },
): OpenStep | undefined {
  return guard(`reading a step of ${framework.name}`, () => {
    const start = step.readStart?.(args, instance, []);
    const around = currentScope()?.step;
    // An agent's method that calls another one of the same agent is one step: the outer one.
    const isSame =
      instance !== undefined && around?.instance === instance && around.operation === start?.operation;
    return start === undefined || isSame ? undefined : starter.begin(start, instance);
  });
}

function fail(open: OpenStep, { isSignal }: Framework, error: unknown): void {
  if (guard('reading an error', () => isSignal?.(error)) === true) open.end();
  else open.fail(error);
}

/**
 * Follows a returned value to the step's end, and gives back that very value; for a plain promise one more of its own,
 * which settles alike, handled or unhandled by whoever holds it.
 */
function followReturned(returned: unknown, open: OpenStep, following: Following): unknown {
  const { framework } = following;
  if (returned instanceof Promise && returned.constructor === Promise && !Object.hasOwn(returned, 'then')) {
    return returned.then(
      (value: unknown) => {
        followValue(value, open, following);
        return value;
      },
      (error: unknown) => {
        fail(open, framework, error);
        throw error;
      },
    );
  }
  followValue(returned, open, following);
  return returned;
}

interface Following {
  readonly framework: Framework;
  readonly step: Step;
  /** What is done in another process. */
  readonly told: ToldRun | undefined;
}

function followValue(value: unknown, open: OpenStep, { framework, step, told }: Following): void {
  const isFollowed = guard(`following a step of ${framework.name}`, () => {
    const error = step.readError?.(value);
    if (error !== undefined) {
      fail(open, framework, error);
      return true;
    }
    const ending = step.readEnd?.(value);
    if (ending instanceof Promise) {
      ending.then(
        () => open.end(),
        (error: unknown) => fail(open, framework, error),
      );
      open.holdBy(value);
      return true;
    }
    if (!isStream(value)) return false;
    observeStream(value, {
      addChunk: (message) => told?.read(message),
      endStream: () => open.end(),
      fail: (error) => fail(open, framework, error),
      abort: () => open.abort(),
      enter: open.enter,
    });
    return true;
  });
  if (isFollowed !== true) open.end();
}

const followed = new Set<string>();

/** Makes steps of what a framework publishes: Node's own channel carries their scope along the asynchronous flow. */
function followChannel({ name, readStart }: StepChannel, starter: StepStarter): void {
  if (followed.has(name)) return;
  followed.add(name);
  const open = new WeakMap<object, OpenStep>();
  const channel = tracingChannel<Scope | undefined, object>(name);
  channel.start.bindStore(scopeStorage, (message) => {
    const step = guard('reading a step', () => {
      const start = starter.isEnabled ? readStart(message) : undefined;
      return start === undefined ? undefined : starter.begin(start, undefined);
    });
    if (step !== undefined) open.set(message, step);
    return (step?.scope ?? currentScope()) as Scope;
  });
  const ended = (message: object): void => {
    const { error } = message as { error?: unknown };
    if (error === undefined) open.get(message)?.end();
    else open.get(message)?.fail(error);
  };
  channel.asyncEnd.subscribe((message) => guard('ending a step', () => ended(message as object)));
}
