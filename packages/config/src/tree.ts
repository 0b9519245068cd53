import type { Document, LineCounter, Node, Pair } from 'yaml';
import type { ConfigError } from './errors.js';

/** A YAML value with its place in the text. Aliases are resolved; an empty value is the scalar `null`. */
export type Tree =
  | { readonly kind: 'scalar'; readonly offset: number; readonly value: unknown }
  | { readonly kind: 'list'; readonly offset: number; readonly items: readonly Tree[] }
  | { readonly kind: 'map'; readonly offset: number; readonly entries: readonly TreeEntry[] };

export interface TreeEntry {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: Tree;
}

/** A place in the text, both 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The parsed text, or what is wrong with its syntax. */
export type TreeResult =
  | { readonly tree: Tree; readonly positionOf: (offset: number) => Position }
  | { readonly errors: readonly ConfigError[] };

/** Characters of a config file: a hand-written one has a few thousand. */
const MAX_TEXT_CHARS = 1_000_000;
/** Aliases can make a short text unfold into an endless tree. */
const MAX_TREE_NODES = 100_000;
const MAX_TREE_DEPTH = 40;
const TOO_DEEP = `the document is nested more than ${MAX_TREE_DEPTH} levels`;
const SMALLER = `keep the file under ${MAX_TREE_DEPTH} levels and ${MAX_TREE_NODES} values`;

/** Reads YAML 1.2 text. The parser is loaded here, so that a process without a config file never pays for it. */
export function readTree(text: string, file: string): TreeResult {
  const yaml: typeof import('yaml') = require('yaml');
  const lineCounter = new yaml.LineCounter();
  const fail = (message: string, fix: string, offset = 0): TreeResult => ({
    errors: [
      { ...positionIn(lineCounter, offset), code: 'COSTSPAN_CONFIG_SYNTAX', file, path: '', message, fix },
    ],
  });
  if (text.length > MAX_TEXT_CHARS) {
    return fail(
      `the file has ${text.length} characters, at most ${MAX_TEXT_CHARS} are read`,
      'name the right file',
    );
  }
  try {
    const document = yaml.parseDocument(text, { lineCounter, prettyErrors: false });
    const problems = [...document.errors, ...document.warnings];
    const [problem] = problems;
    // What follows the first problem is mostly its consequence.
    if (problem !== undefined) {
      const { message = problem.message, fix } = describeSyntax(problem.code);
      return fail(message, fix, problem.pos[0]);
    }
    const tree = new TreeReader(yaml, document).read(document.contents, 0);
    return { tree, positionOf: (offset) => positionIn(lineCounter, offset) };
  } catch (error) {
    if (error instanceof TreeError)
      return fail(error.message, 'define the anchor before it with &', error.offset);
    // Only what unfolds or nests beyond the limits gets here.
    return fail(error instanceof Error ? error.message : String(error), SMALLER);
  }
}

function positionIn(lineCounter: LineCounter, offset: number): Position {
  const { line, col } = lineCounter.linePos(offset);
  // The counter says 0 for a text that was never parsed.
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** The parser's own message stays where it says what is wrong in words of the file. */
function describeSyntax(code: string): { readonly message?: string; readonly fix: string } {
  switch (code) {
    case 'DUPLICATE_KEY':
      return { fix: 'keep one of the two keys' };
    case 'MULTIPLE_DOCS':
      return { message: 'the file holds more than one document', fix: 'keep one: remove the line ---' };
    case 'TAB_AS_INDENT':
      return { fix: 'indent with spaces' };
    case 'TAG_RESOLVE_FAILED':
      return { fix: 'remove the tag, the word that begins with !' };
    case 'RESOURCE_EXHAUSTION':
      return { message: TOO_DEEP, fix: SMALLER };
    default:
      return { fix: 'indent with two spaces, write "key: value", and put text with : # { } [ ] in quotes' };
  }
}

/** A problem of the document that has a place in it. */
class TreeError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** Unfolds a YAML document into a {@link Tree}, counting what it makes. */
class TreeReader {
  private nodes = 0;

  constructor(
    private readonly yaml: typeof import('yaml'),
    private readonly document: Document,
  ) {}

  read(node: unknown, depth: number): Tree {
    this.nodes += 1;
    if (depth > MAX_TREE_DEPTH) throw new RangeError(TOO_DEEP);
    if (this.nodes > MAX_TREE_NODES)
      throw new RangeError(`the document has more than ${MAX_TREE_NODES} values`);
    const { yaml } = this;
    if (yaml.isAlias(node)) {
      const target = node.resolve(this.document);
      // The parser lets it pass, and an empty value would silently mean the default.
      if (target === undefined)
        throw new TreeError(`the alias *${node.source} names no anchor`, startOf(node));
      return this.read(target, depth + 1);
    }
    if (yaml.isMap(node)) {
      const entries = node.items.map((pair) => this.readEntry(pair, depth + 1));
      return { kind: 'map', offset: startOf(node), entries };
    }
    if (yaml.isSeq(node)) {
      const items = node.items.map((item) => this.read(item, depth + 1));
      return { kind: 'list', offset: startOf(node), items };
    }
    if (yaml.isScalar(node)) return { kind: 'scalar', offset: startOf(node), value: node.value };
    return { kind: 'scalar', offset: 0, value: null };
  }

  private readEntry(pair: Pair, depth: number): TreeEntry {
    const keyOffset = this.yaml.isNode(pair.key) ? startOf(pair.key) : 0;
    const key = this.yaml.isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    return { key, keyOffset, value: this.read(pair.value, depth) };
  }
}

const startOf = (node: Node): number => node.range?.[0] ?? 0;
