import { guard } from '../diagnostics.js';
import type { UndiciRequest } from './undici.js';

/** What goes out in place of a header, of one that is not sent when given `undefined`; `undefined` for none. */
export type HeaderChange = (sent: string | undefined) => string | undefined;
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
  const line = new RegExp(`(?<=^|\\r\\n)${name}: ([^\\r\\n]*)\\r\\n`, 'i');
  if (!line.test(text)) return text + writeLine(name, change(undefined));
  return text.replace(line, (whole, sent: string) => {
    const value = change(sent);
    return value === undefined ? '' : whole.replace(sent, () => value);
  });
}

const writeLine = (name: string, value: string | undefined): string =>
  value === undefined ? '' : `${name}: ${value}\r\n`;

function changeList(list: unknown[], [name, change]: HeaderChanges[number]): void {
  let isThere = false;
  for (let at = list.length - 2; at >= 0; at -= 2) {
    const [given, sent] = [list[at], list[at + 1]];
    if (String(given).toLowerCase() !== name || typeof sent !== 'string') continue;
    isThere = true;
    const value = change(sent);
    if (value === undefined) list.splice(at, 2);
    else list[at + 1] = value;
  }
  const added = isThere ? undefined : change(undefined);
  if (added !== undefined) list.push(name, added);
}
