import { notJson } from './json-reader.js';
import { MalformedError } from './wire.js';

/** Objects and arrays of one body: parsed, an empty one takes thirty times its bytes. */
const MAX_JSON_NODES = 2_000_000;
/** The shortest node, with the comma behind it. */
const MIN_NODE_BYTES = 3;
const [QUOTE, BACKSLASH, BRACE, BRACKET] = [0x22, 0x5c, 0x7b, 0x5b];

/** Whether parsing the body could fill the memory. Nearly all are too short for it. */
function isFullOfNodes(body: Buffer): boolean {
  if (body.length < MAX_JSON_NODES * MIN_NODE_BYTES) return false;
  let nodes = 0;
  let isText = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (isText && byte === BACKSLASH) at += 1;
    else if (byte === QUOTE) isText = !isText;
    else if (!isText && (byte === BRACE || byte === BRACKET)) nodes += 1;
  }
  return nodes > MAX_JSON_NODES;
}

/** JSON of a body that is small by what it is for, as values; throws {@link MalformedError} and never shows the body. */
export function parseJson(body: Buffer): unknown {
  if (isFullOfNodes(body))
    throw new MalformedError(`the body holds more than ${MAX_JSON_NODES} objects; send smaller batches`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw notJson();
  }
}
