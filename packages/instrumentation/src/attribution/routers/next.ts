/** Under a registered symbol, the same in 13 to 16. */
const REQUEST_META = Symbol.for('NextInternalRequestMeta');

/** The route that Next.js has matched, as its folders spell it: `/api/chat/[id]`. */
export function readNextRoute(request: object): string | undefined {
  const meta = (request as { [REQUEST_META]?: { match?: { definition?: { pathname?: unknown } } } })[
    REQUEST_META
  ];
  const pathname = meta?.match?.definition?.pathname;
  return typeof pathname === 'string' ? pathname : undefined;
}
