import Module from 'node:module';

/** Changes the source of a CommonJS file before it is compiled. */
export type CompileChange = (source: string, path: string) => string;

type Compile = (this: unknown, source: string, path: string, ...rest: unknown[]) => unknown;
const prototype = Module.prototype as unknown as { _compile: Compile };

let changes: CompileChange[] = [];
let own: Compile | undefined;
let original: Compile | undefined;

/**
 * Shows each CommonJS file that is compiled to `change`, until the returned function is called. Loaders that stand in
 * for Node's own (`require.extensions`, as tsx and ts-node use it) read files without asking any `load` hook; all of
 * them, and Node, compile what they have read here.
 */
export function watchCompiling(change: CompileChange): () => void {
  changes = [...changes, change];
  if (own === undefined) install();
  return () => {
    changes = changes.filter((one) => one !== change);
    // Whoever has put a function of its own around ours keeps it; with nothing to change, ours only passes on.
    if (changes.length > 0 || prototype._compile !== own) return;
    prototype._compile = original!;
    own = original = undefined;
  };
}

function install(): void {
  const next = prototype._compile;
  original = next;
  own = function _compile(source, path, ...rest) {
    let changed = source;
    // Some Nodes compile what is no text (a module that is read from a cache): not a file of an SDK.
    if (typeof source === 'string') for (const change of changes) changed = change(changed, path);
    return next.call(this, changed, path, ...rest);
  };
  prototype._compile = own;
}
