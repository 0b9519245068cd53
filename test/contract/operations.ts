/** What the newest version of an SDK can send, read from its own code: every operation that posts something. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const installed = fileURLToPath(new URL('../node_modules/', import.meta.url));
const rootOf = (alias: string): string => join(installed, alias);

/** The JavaScript files of a folder of an installed package, one form of each. */
function readScripts(alias: string, folder: string, ending: string): readonly string[] {
  const root = join(rootOf(alias), folder);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(join(root, file), 'utf8'));
}

/** Paths that an SDK of Stainless posts to, with `id` in the place of ids. */
export function listPosts(alias: string, folder = 'resources'): readonly string[] {
  const posted =
    /_client\s*\.(?:post\(|getAPIList\((?=[^;]{0,400}?method: 'post'))\s*(?:\(0, [\w.]+\)\s*|[\w.]+\s*)?[`'"]([^`'"]+)[`'"]/g;
  const paths = readScripts(alias, folder, '.js').flatMap((text) =>
    [...text.matchAll(posted)].map(([, path]) => path!.replace(/\$\{[^}]*\}/g, 'id')),
  );
  return [...new Set(paths)].sort();
}

/** `Class.method` of every method in which a request is posted; methods begin `indent` spaces from the left. */
function listPostingMethods(texts: readonly string[], posts: RegExp, indent = 4): readonly string[] {
  const methodLine = new RegExp(`^ {${indent}}(?:async )?(\\w+)\\(.*\\{$`);
  const found = new Set<string>();
  for (const text of texts) {
    let className = '';
    let method = '';
    for (const line of text.split('\n')) {
      className = /^(?:export |let \S+ = )?class (\w+)/.exec(line)?.[1] ?? className;
      method = methodLine.exec(line)?.[1] ?? method;
      if (className !== '' && posts.test(line)) found.add(`${className}.${method.replace(/^_+/, '')}`);
    }
  }
  return [...found].sort();
}

export const listGenaiMethods = (alias: string): readonly string[] =>
  listPostingMethods(
    [readFileSync(join(rootOf(alias), 'dist/node/index.mjs'), 'utf8')],
    /httpMethod: 'POST'/,
  );

/** Fern's clients, in files of their own, and those of its resources where it has some. */
export const listFernMethods = (alias: string, folder = '.', resources?: string): readonly string[] =>
  listPostingMethods(
    [
      readFileSync(join(rootOf(alias), folder, 'Client.js'), 'utf8'),
      ...(resources === undefined ? [] : readScripts(alias, resources, 'client/Client.js')),
    ],
    /method: "POST"/,
  );

export const listOllamaMethods = (alias: string): readonly string[] =>
  listPostingMethods(
    [readFileSync(join(rootOf(alias), 'dist/browser.mjs'), 'utf8')],
    /\bpost\(this\.fetch/,
    2,
  );

/** Speakeasy's resources call a function each, which says how it sends. */
export function listSpeakeasyMethods(alias: string): readonly string[] {
  const posting = new Set(
    readScripts(alias, 'esm/funcs', '.js')
      .filter((text) => /method: "POST"/.test(text))
      .flatMap((text) =>
        [...text.matchAll(/^export (?:async )?function (\w+)\(/gm)].map(([, name]) => name!),
      ),
  );
  const found: string[] = [];
  for (const text of readScripts(alias, 'esm/sdk', '.js')) {
    let className = '';
    let method = '';
    for (const line of text.split('\n')) {
      className = /^export class (\w+)/.exec(line)?.[1] ?? className;
      method = /^ {4}(?:async )?(\w+)\(.*\{$/.exec(line)?.[1] ?? method;
      const called = /(\w+)\(this,/.exec(line)?.[1];
      if (called !== undefined && posting.has(called)) found.push(`${className}.${method}`);
    }
  }
  return [...new Set(found)].sort();
}

/** Names of the commands of an AWS client. */
export const listCommands = (alias: string): readonly string[] =>
  [
    ...readFileSync(join(rootOf(alias), 'dist-types/commands/index.d.ts'), 'utf8').matchAll(
      /"\.\/(\w+Command)"/g,
    ),
  ]
    .map(([, name]) => name!)
    .sort();
