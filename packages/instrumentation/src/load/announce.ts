/** Global name under which a loaded SDK file announces its class; one per process, so that copies of us share it. */
export const ANNOUNCE = Symbol.for('costspan.loaded.1');
/** Called by an SDK file when its module has run. */
export type Announce = (file: string, packageName: string, found: Found) => void;

/** A class or a function that an SDK file defines. */
export interface Found {
  readonly value: unknown;
  /** As the gate names it, whatever a bundler made of it. */
  readonly className?: string;
  /** Of a function: puts another one in its place, for the module and whoever imports it. */
  readonly replace?: (value: unknown) => void;
  /** Of the package, where the file lies in it no more: in a bundle. */
  readonly version?: string;
}

/** What a gate looks for in a file. */
export interface Wanted {
  readonly classNames: readonly string[];
  readonly functionNames: readonly string[];
}

/** The file that announces, what, and for whom. */
export interface Announcer extends Wanted {
  /** Path or URL of the file. */
  readonly file: string;
  readonly package: string;
  readonly version?: string;
  /** It is an ES module: what `module` and `exports` are there is only known to wrappers that a bundler has written. */
  readonly isModule?: boolean;
}

/** Most files of an SDK define nothing that is wanted: a look at their bytes tells, without decoding them. */
export function findWanted(source: string | Uint8Array, wanted: Wanted): Wanted | undefined {
  const text = typeof source === 'string' ? source : Buffer.from(source);
  const classNames = wanted.classNames.filter((name) =>
    [`class ${name} `, ` ${name} = class`, ` ${name}=class`, ` ${name} = /* @__PURE__ */ (() => {`].some(
      (definition) => text.includes(definition),
    ),
  );
  const functionNames = wanted.functionNames.filter(
    (name) =>
      text.includes(`function ${name}(`) ||
      text.includes(` as ${name},`) ||
      text.includes(` as ${name}}`) ||
      text.includes(` as ${name} `) ||
      text.includes(`{${name}:()=>`) ||
      text.includes(`,${name}:()=>`),
  );
  return classNames.length + functionNames.length === 0 ? undefined : { classNames, functionNames };
}

/** The text of an SDK file with one line more at its end, which announces its classes and functions. */
export function withAnnouncements(text: string, announcer: Announcer): string {
  const { classNames, functionNames, file, version, isModule = false } = announcer;
  const place = `${JSON.stringify(file)}, ${JSON.stringify(announcer.package)}`;
  const more = version === undefined ? '' : `, version: ${JSON.stringify(version)}`;
  const announce = (name: string, binding: string, extra: string): string => {
    // Both formats: what is announced is a binding of the module, or what it exports where a bundler has wrapped its parts.
    const exported = `typeof module === 'object' && Object(module.exports)['${name}'] || undefined`;
    const value = `typeof ${binding} === 'undefined' ? ${exported} : ${binding}`;
    return `globalThis[Symbol.for('costspan.loaded.1')]?.(${place}, { value: ${value}, className: '${name}'${extra} });`;
  };
  const lines = [
    ...classNames.map((name) => announce(name, findClassBinding(text, name, isModule), more)),
    ...functionNames.map((name) => {
      const binding = findFunctionBinding(text, name);
      return announce(name, binding, `, replace: (other) => { ${writeReplacing(name, binding)} }${more}`);
    }),
  ];
  return `${text}\n;${lines.join(' ')}`;
}

/** CommonJS may have handed on the function itself, as a property of what it exports, in place of a way to read it. */
const writeReplacing = (name: string, binding: string): string =>
  `const own = ${binding}; ${binding} = other; ` +
  `if (typeof exports === 'object' && exports.${name} === own) exports.${name} = other;`;

/**
 * A bundler that has two classes of one name binds one of them to another: `let Ollama$1 = class Ollama {`. Another one
 * binds it to nothing but the export: `exports.Agent=class Agent`.
 */
function findClassBinding(text: string, className: string, isModule: boolean): string {
  const property = isModule ? '' : '|(?=exports\\.|module\\.exports )';
  const definition = new RegExp(`(?:(?:let|const|var) ${property})([\\w$.]+) ?= ?class ${className} `);
  return definition.exec(text)?.[1] ?? className;
}

/** A minifier renames a function and says so where it is exported: `export { N5e as query }`, `{Cron:()=>S}`. */
function findFunctionBinding(text: string, name: string): string {
  const [, imported, required] =
    new RegExp(`[{,]\\s*(?:([\\w$]+) as ${name}\\s*[,}]|${name}:\\(\\)=>([\\w$]+))`).exec(text) ?? [];
  return imported ?? required ?? name;
}
