/** A method of an SDK, whatever its arguments. */
export type Method = (this: object, ...args: unknown[]) => unknown;
type Prototype = Record<string, Method> & object;

/** Methods that are ours already; one set per process, so that no second copy of costspan records a call again. */
const PATCHED = Symbol.for('costspan.patched.1');
const shared = globalThis as { [PATCHED]?: WeakSet<object> };
if (shared[PATCHED] === undefined) {
  Object.defineProperty(shared, PATCHED, { value: new WeakSet(), enumerable: false });
}
const patched = shared[PATCHED] as WeakSet<object>;

/** A class whose prototype gets our methods. */
export interface PatchedClass {
  readonly prototype: unknown;
}

/**
 * Replaces a method where the prototype chain defines it, once; name and length stay.
 * @throws TypeError where the class has no such method.
 */
export function wrapMethod(
  patchedClass: PatchedClass,
  name: string,
  wrap: (original: Method) => Method,
): void {
  let owner = patchedClass.prototype as Prototype | null;
  while (owner !== null && !Object.hasOwn(owner, name))
    owner = Object.getPrototypeOf(owner) as Prototype | null;
  if (owner === null) throw new TypeError(`the client class has no method ${name}`);
  replaceMethod(owner, owner, { name, wrap });
}

/**
 * Puts a method in front of the one that the class has or inherits, once: other classes that inherit it are none of
 * ours. Returns false where the class has no such method.
 */
export function wrapOwnMethod(
  patchedClass: PatchedClass,
  name: string,
  wrap: (original: Method) => Method,
): boolean {
  const prototype = patchedClass.prototype as Prototype;
  let owner: Prototype | null = prototype;
  while (owner !== null && !Object.hasOwn(owner, name))
    owner = Object.getPrototypeOf(owner) as Prototype | null;
  if (owner === null) return false;
  replaceMethod(prototype, owner, { name, wrap });
  return true;
}

/** The class at the end of a path of resources from the client class on, its method the last part, if it has it. */
export function findResource(clientClass: object, path: readonly string[]): PatchedClass | undefined {
  let owner: unknown = clientClass;
  for (const part of path.slice(0, -1)) owner = (owner as Record<string, unknown> | undefined)?.[part];
  const found = owner as { readonly prototype?: Record<string, unknown> } | undefined;
  if (typeof found?.prototype?.[path.at(-1)!] !== 'function') return undefined;
  return { prototype: found.prototype };
}

function replaceMethod(
  target: Prototype,
  owner: Prototype,
  { name, wrap }: { name: string; wrap: (original: Method) => Method },
): void {
  const original = owner[name]!;
  if (patched.has(original)) return;
  const wrapped = wrapFunction(original, wrap);
  const descriptor = Object.getOwnPropertyDescriptor(owner, name)!;
  Object.defineProperty(target, name, { ...descriptor, value: wrapped });
}

/** A function in place of another, once; name and length stay. */
export function wrapFunction(original: Method, wrap: (original: Method) => Method): Method {
  if (patched.has(original)) return original;
  const wrapped = wrap(original);
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(wrapped, property, { value: original[property], configurable: true });
  }
  patched.add(wrapped);
  return wrapped;
}

/** Class names by the prototype at the end of whose chain they stand: asked for at every call. */
const classNames = new WeakMap<object, readonly string[]>();

/** Class names of an object, from its own up. */
export function readClassNames(instance: object): readonly string[] {
  const prototype = Object.getPrototypeOf(instance) as object | null;
  if (prototype === null) return [];
  let names = classNames.get(prototype);
  if (names === undefined) {
    names = readChain(prototype);
    classNames.set(prototype, names);
  }
  return names;
}

function readChain(prototype: object): string[] {
  const names: string[] = [];
  for (let at: unknown = prototype; at !== null && at !== Object.prototype; ) {
    names.push((at as { constructor: { name: string } }).constructor.name);
    at = Object.getPrototypeOf(at);
  }
  return names;
}
