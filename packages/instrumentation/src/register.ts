/**
 * The preload: `node --require @costspan/instrumentation/register app.js`, `--import`, or in `NODE_OPTIONS`. It only
 * puts up the watch for LLM SDKs; everything else is loaded when the first of them is. It never throws.
 */
import { isInternalThread } from 'node:worker_threads';
import { guard } from './diagnostics.js';
import { CostspanInstrumentation } from './instrumentation.js';
import { isEnabled } from './settings-switch.js';

const STARTED = Symbol.for('costspan.preload.1');
const shared = globalThis as { [STARTED]?: true };

// Node runs preloads on the thread of loader hooks as well; and two flags may name us twice.
if (!isInternalThread && shared[STARTED] === undefined && isEnabled(process.env)) {
  Object.defineProperty(shared, STARTED, { value: true });
  guard('starting', () => new CostspanInstrumentation());
}
