/** Up to here V8 keeps an object plain whose properties come by computed names; beyond it makes a hash table of it. */
const MAX_PLAIN_PROPERTIES = 16;
/** An application's calls come with a handful of lists of names; objects of further ones are hash tables. */
const MAX_SHAPES = 32;

/** Names in the order in which an object got them, in two parts. */
interface Shape {
  readonly given: readonly string[];
  readonly added: readonly string[];
  /** V8 forgets the way to a shape with the last object that has it. */
  readonly example: object;
}

const shapes: Shape[] = [];

/**
 * Lets an object that has the `given` properties, and is about to get the `added` ones by their computed names, stay a
 * plain one: V8 goes the way that an earlier object has gone, whose properties were defined. As a hash table a span's
 * attributes take a kilobyte more until they are exported, and whoever serialises them walks them half as fast.
 */
export function keepShape(given: readonly string[], added: readonly string[]): void {
  const size = given.length + added.length;
  if (size <= MAX_PLAIN_PROPERTIES || shapes.length >= MAX_SHAPES) return;
  for (const shape of shapes) if (isSame(shape.added, added) && isSame(shape.given, given)) return;
  const example = Object.fromEntries([...given, ...added].map((name) => [name, '']));
  shapes.push({ given, added, example });
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) if (some[index] !== others[index]) return false;
  return true;
}
