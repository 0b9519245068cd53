/** An entry of a data table by a key that came from outside: `constructor` is not in it. */
export function readOwn<V>(
  table: Readonly<Partial<Record<string, V>>> | undefined,
  key: string,
): V | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
