import { forEachMember, Members } from './json-members.js';
import { ARRAY, type JsonReader, OBJECT } from './json-reader.js';
import type { SpanCollector } from './spans.js';

/** Names that the lists with spans do not have: protobuf's own, and those of OTLP until 0.15. */
export const MISNAMED_RESOURCE_SPANS = ['resource_spans'] as const;
export const MISNAMED_SCOPE_SPANS = [
  'scope_spans',
  'instrumentationLibrarySpans',
  'instrumentation_library_spans',
] as const;

const ANY_SCOPE_SPANS = new Members('scopeSpans', ...MISNAMED_SCOPE_SPANS);
const ANY_SPANS = new Members('spans');

/**
 * OTLP has a receiver ignore fields that it does not know, so a request with such names is a success; that nothing of it
 * was counted shall be seen nevertheless.
 */
export function refuseResourceSpans(reader: JsonReader, collector: SpanCollector): void {
  forEachListed(reader, () =>
    forEachMember(reader, ANY_SCOPE_SPANS, () => refuseScopeSpans(reader, collector)),
  );
}

/** The same of a list within one. */
export function refuseScopeSpans(reader: JsonReader, collector: SpanCollector): void {
  const refuse = (): void => {
    collector.refuse('misnamed_fields');
    reader.skip();
  };
  forEachListed(reader, () => forEachMember(reader, ANY_SPANS, () => forEachListed(reader, refuse)));
}

/** Each object of a list. What is no list, or no object in one, is passed over: nobody has to write these well. */
function forEachListed(reader: JsonReader, read: () => void): void {
  if (reader.peek() !== ARRAY.open) reader.skip();
  else if (reader.enter(ARRAY))
    do {
      if (reader.peek() === OBJECT.open) read();
      else reader.skip();
    } while (reader.more(ARRAY));
}
