/** Spans as one reads them: each below the one around it, in the order in which they began; at once, by their names. */
import type { SinkSpan } from '@costspan/testkit';

/** One line for each span, indented: its name, then what a test wants to see of it. */
export function renderTree(
  spans: readonly SinkSpan[],
  renderDetail: (span: SinkSpan) => string = renderServed,
): string[] {
  const inOrder = [...spans].sort((a, b) => a.startMs - b.startMs || a.name.localeCompare(b.name));
  const ids = new Set(inOrder.map(({ spanId }) => spanId));
  const render = (parentId: string | undefined, depth: number): string[] =>
    inOrder
      .filter(({ parentSpanId = '' }) =>
        parentId === undefined ? !ids.has(parentSpanId) : parentSpanId === parentId,
      )
      .flatMap((span) => [
        `${'  '.repeat(depth)}${span.name}${renderDetail(span)}`,
        ...render(span.spanId, depth + 1),
      ]);
  return render(undefined, 0);
}

/** ` for FEATURE`, ` in TASK`, ` failed: ERROR`, each where there is one. */
export function renderServed({ attributes }: SinkSpan): string {
  const parts = [
    ['for', attributes['costspan.feature']],
    ['in', attributes['costspan.task.name']],
    ['failed:', attributes['error.type']],
  ];
  return parts
    .filter(([, value]) => value !== undefined && value !== 'unattributed')
    .map(([word, value]) => ` ${String(word)} ${String(value)}`)
    .join('');
}
