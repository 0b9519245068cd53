import type { Span } from '@opentelemetry/api';
import type { AttributeList, AttributeValue } from './attribute-list.js';
import { keepShape } from './shapes.js';

/** What a span of OpenTelemetry's SDKs 1 to 3 carries: its attributes as exporters read them, and their limits. */
interface SdkSpan {
  readonly attributes?: Record<string, AttributeValue>;
  readonly _spanLimits?: {
    readonly attributeCountLimit?: number;
    readonly attributeValueLengthLimit?: number;
  };
}

/**
 * Gives a span of somebody's provider the attributes from `startSize` on. Where it is a span of OpenTelemetry's SDK
 * whose limits these do not reach, they go straight to where it keeps them: checking each of them, as the SDK does for
 * what applications pass, takes as long as all that costspan does for a call.
 */
export function addLateAttributes(span: Span, list: AttributeList, startSize: number): void {
  const kept = findKept(span, list.namesFrom(startSize));
  list.forEach((name, value) => {
    // Of a list the SDK keeps a copy.
    if (kept === undefined || typeof value === 'object') span.setAttribute(name, value);
    else kept[name] = value;
  }, startSize);
}

/** Where the span keeps its attributes; `undefined` where only the span itself may write there. */
function findKept(
  span: Span & SdkSpan,
  added: readonly string[],
): Record<string, AttributeValue> | undefined {
  const { attributes, _spanLimits: limits } = span;
  const isOfSdk =
    Object.hasOwn(span, 'attributes') &&
    typeof attributes === 'object' &&
    // Somebody may have put a method of his own in front, to see or change what comes.
    !Object.hasOwn(span, 'setAttribute');
  if (!isOfSdk || limits === undefined || !span.isRecording()) return undefined;
  const { attributeCountLimit, attributeValueLengthLimit } = limits;
  if (attributeValueLengthLimit !== Number.POSITIVE_INFINITY || attributeCountLimit === undefined)
    return undefined;
  const given = Object.keys(attributes);
  if (given.length + added.length > attributeCountLimit) return undefined;
  keepShape(given, added);
  return attributes;
}
