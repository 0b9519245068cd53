/** Global name under which a loaded SDK file announces its class; one per process, so that copies of us share it. */
export const ANNOUNCE = Symbol.for('costspan.loaded.1');
/** Called by an SDK file when its module has run. */
export type Announce = (file: string, packageName: string, found: Found) => void;

/** A class that an SDK file defines. */
export interface Found {
  readonly value: unknown;
  /** As the gate names it, whatever a bundler made of it. */
  readonly className?: string;
  /** Of the package, where the file lies in it no more: in a bundle. */
  readonly version?: string;
}

/** The file that announces, and for whom. */
export interface Announcer {
  readonly classNames: readonly string[];
  /** Path or URL of the file. */
  readonly file: string;
  readonly package: string;
  readonly version?: string;
}

/** Most files of an SDK define none of its clients: a look at their bytes tells, without decoding them. */
export function findClasses(source: string | Uint8Array, classNames: readonly string[]): string[] {
  const text = typeof source === 'string' ? source : Buffer.from(source);
  return classNames.filter((name) => text.includes(`class ${name} `) || text.includes(` ${name} = class`));
}

/** The text of an SDK file with one line more at its end, which announces its classes. */
export function withAnnouncements(text: string, announcer: Announcer): string {
  const { classNames, file, version } = announcer;
  const place = `${JSON.stringify(file)}, ${JSON.stringify(announcer.package)}`;
  const more = version === undefined ? '' : `, version: ${JSON.stringify(version)}`;
  const announcements = classNames.map((className) => {
    const binding = findBinding(text, className);
    // Both formats: the class is a binding of the module.
    const found = `{ value: typeof ${binding} === 'undefined' ? undefined : ${binding}, className: '${className}'${more} }`;
    return `globalThis[Symbol.for('costspan.loaded.1')]?.(${place}, ${found});`;
  });
  return `${text}\n;${announcements.join(' ')}`;
}

/** A bundler that has two classes of one name binds one of them to another: `let Ollama$1 = class Ollama {`. */
function findBinding(text: string, className: string): string {
  return new RegExp(`(?:let|const|var) ([\\w$]+) = class ${className} `).exec(text)?.[1] ?? className;
}
