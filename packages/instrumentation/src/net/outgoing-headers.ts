import { guard } from '../diagnostics.js';
import type { UndiciRequest } from './undici.js';

/** What goes out in place of the values of a header, of which there may be none. The same again of what it gave. */
export type HeaderChange = (sent: readonly string[]) => readonly string[];
/** Each by its lower-case name. */
export type HeaderChanges = readonly (readonly [name: string, change: HeaderChange])[];

/**
 * Changes headers of a request that is yet to be written: undici reads them then, and whoever adds some, before or after
 * us, has done so.
 */
export function changeUndiciHeaders(request: UndiciRequest, changes: HeaderChanges): void {
  const holder = request as { headers?: unknown };
  const before = Object.getOwnPropertyDescriptor(holder, 'headers');
  let headers: unknown = before?.get === undefined ? holder.headers : undefined;
  Object.defineProperty(request, 'headers', {
    configurable: true,
    enumerable: true,
    get() {
      if (before?.get !== undefined) headers = before.get.call(request) as unknown;
      headers = guard('changing headers', () => changeAll(headers, changes)) ?? headers;
      return headers;
    },
    set(value) {
      headers = value;
      before?.set?.call(request, value);
    },
  });
}

/** Names and values by turns, in the very list that undici has; of undici 5 a text. */
function changeAll(headers: unknown, changes: HeaderChanges): unknown {
  if (typeof headers === 'string') return changes.reduce(changeLines, headers);
  if (Array.isArray(headers)) for (const change of changes) changeList(headers, change);
  return headers;
}

function changeLines(text: string, [name, change]: HeaderChanges[number]): string {
  const line = new RegExp(`(?<=^|\\r\\n)(${name}: )([^\\r\\n]*)\\r\\n`, 'gi');
  const sent = [...text.matchAll(line)].map(([, , value = '']) => value);
  const values = [...change(sent)];
  const changed = text.replace(line, (_whole, start: string) => {
    const value = values.shift();
    return value === undefined ? '' : `${start}${value}\r\n`;
  });
  return changed + values.map((value) => `${name}: ${value}\r\n`).join('');
}

function changeList(list: unknown[], [name, change]: HeaderChanges[number]): void {
  const places: number[] = [];
  for (let at = 0; at + 1 < list.length; at += 2)
    if (String(list[at]).toLowerCase() === name && typeof list[at + 1] === 'string') places.push(at);
  const values = change(places.map((at) => list[at + 1] as string));
  for (const [index, at] of [...places.entries()].reverse()) {
    const value = values[index];
    if (value === undefined) list.splice(at, 2);
    else list[at + 1] = value;
  }
  for (const value of values.slice(places.length)) list.push(name, value);
}
