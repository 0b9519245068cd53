import { OVERFLOW_LABEL } from '@costspan/semconv';

/** Distinct routes made from paths; what a scanner or an odd id scheme brings beyond them is `other`. */
const MAX_PATH_ROUTES = 500;
/** Distinct routes, queues and jobs that are told: one may have a value in it after all, a mount path's or a reply queue's. */
const MAX_TOLD_ROUTES = 2_000;
const MAX_PATH_CHARS = 1024;
/** Deeper paths are cut: their tail is data, not a name. */
const MAX_PATH_SEGMENTS = 8;
/** A segment longer than this is a token, not a word. */
const MAX_WORD_CHARS = 24;
const VARIABLE = ':id';

/** Numbers, dates, `order-12345`. */
const HAS_NUMBER = /^\d+$|\d{4}/;
/** Hashes and UUIDs: hexadecimal of some length with a digit in it. */
const IS_HEX = /^(?=.*\d)[0-9a-f-]{8,}$/i;
/** Short ids of mixed case and digits. */
const IS_MIXED = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,}$/;
/** What no developer types into a route: escapes, e-mail addresses, spaces. */
const HAS_ODD_CHARS = /[^A-Za-z0-9._~-]/;

const isVariable = (segment: string): boolean =>
  segment.length > MAX_WORD_CHARS ||
  HAS_NUMBER.test(segment) ||
  HAS_ODD_CHARS.test(segment) ||
  IS_HEX.test(segment) ||
  IS_MIXED.test(segment);

/** What a router has read out of a path, by name: text, or nothing that is looked for. */
export type Params = Readonly<Record<string, unknown>>;

/** A name that may stand for a value in a route; routers number what has none. */
const IS_NAME = /^[A-Za-z_]\w*$/;

/**
 * A route that takes whatever comes says nothing of it: `*`, `/*rest`, `/**`, `/**:rest`, `/{*rest}`, `/:rest*`,
 * `/{rest*}`, `/(.*)`, `/[...rest]`, `/[[...rest]]`.
 */
const CATCH_ALL =
  /^\/?(?:[{(]?\/?(?:\*{1,2}:?\w*|\.\*|\w+\*|:\w+(?:\*|\(\.\*\)))[)}]?|\[{1,2}\.\.\.\w+\]{1,2})\/?$/;

/** Whether a route, as its framework writes it, is of no help to tell requests apart. */
export const isCatchAll = (route: string): boolean => CATCH_ALL.test(route);

/**
 * A path with its variable parts as `:id`, without query: `/chat/42?x=1` → `/chat/:id`; those that a router has read
 * under their names. What is no path (`*`) stays.
 */
export function templatePath(target: string, params?: Params): string {
  const path = readPathOf(target);
  if (!path.startsWith('/')) return path === '' ? '/' : '*';
  const segments = path.split('/').filter((segment) => segment !== '');
  const names = findParams(segments, params);
  const named = segments
    .slice(0, MAX_PATH_SEGMENTS)
    .map((segment, at) => names.get(at) ?? (isVariable(segment) ? VARIABLE : segment));
  if (segments.length > MAX_PATH_SEGMENTS) named.push('*');
  return `/${named.join('/')}`;
}

/** Names for segments that are values, looked for from the end: a word of the route may be a value as well. */
function findParams(segments: readonly string[], params: Params = {}): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [name, value] of Object.entries(params).reverse()) {
    const at = segments.findLastIndex((segment, index) => segment === value && !names.has(index));
    if (at !== -1 && IS_NAME.test(name)) names.set(at, `:${name}`);
  }
  return names;
}

/**
 * What a path has in front of the part of it that a router was asked for: where that router is mounted. `undefined`
 * where the path does not end with that part: it was asked for another one.
 */
export function readMountPath(target: string, path: string): string | undefined {
  const whole = trimPath(target);
  const part = trimPath(path.startsWith('/') ? path : `/${path}`);
  return whole.endsWith(part) ? whole.slice(0, whole.length - part.length) : undefined;
}

const trimPath = (target: string): string => readPathOf(target).replace(/\/$/, '');

/** The path of a request target, without query; the absolute form that proxies send is read too. */
export const readPathOf = (target: string): string =>
  target
    .slice(0, MAX_PATH_CHARS)
    .replace(/^[a-z]+:\/\/[^/?#]*/i, '')
    .replace(/[?#].*$/s, '');

/** Whether a route leaves the end of the path to a router below. */
export const isOpenRoute = (route: string): boolean => route.endsWith('*');

/**
 * A route under the path that its router is mounted at; the mount path comes with the request's values in it, `params`
 * those of them that are known.
 */
export function joinRoute(mountPath: string, path: string, params: Params = {}): string {
  const outer = Object.entries(params).filter(([name]) => !path.includes(`:${name}`));
  return appendRoute(mountPath === '' ? '' : templatePath(mountPath, Object.fromEntries(outer)), path);
}

/** A route under another one. */
export function appendRoute(mount: string, path: string): string {
  if (mount === '' || mount === '/') return path.startsWith('/') ? path : `/${path}`;
  return path === '/' || path === '' ? mount : `${mount}${path.startsWith('/') ? '' : '/'}${path}`;
}

/** What calls are named by, of which there may be only so many. What fills one kind takes no room from the other. */
export class RequestRoutes {
  readonly #made = new Set<string>();
  readonly #told = new Set<string>();

  /** The templated path, or `other` once there are too many different ones. */
  readPath(target: string, params?: Params): string {
    return keep(this.#made, templatePath(target, params), MAX_PATH_ROUTES);
  }

  /** A route or a queue that somebody has told, or `other` once there are too many different ones. */
  readTold(route: string): string {
    return keep(this.#told, route, MAX_TOLD_ROUTES);
  }
}

function keep(seen: Set<string>, route: string, limit: number): string {
  if (seen.has(route)) return route;
  if (seen.size >= limit) return OVERFLOW_LABEL;
  seen.add(route);
  return route;
}
