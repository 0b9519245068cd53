/** Counts the tokens of a text. */
export interface Tokenizer {
  countTokens(text: string): number;
}

interface GptTokenizer {
  countTokens(text: string, options: { readonly disallowedSpecial: Set<string> }): number;
}

const loaded = new Map<string, Tokenizer | undefined>();

/** The encoding of `gpt-tokenizer`, an optional peer; undefined where it is not installed. Loading takes about 0.1 s. */
export function findTokenizer(encoding: string): Tokenizer | undefined {
  if (loaded.has(encoding)) return loaded.get(encoding);
  const tokenizer = load(encoding);
  loaded.set(encoding, tokenizer);
  return tokenizer;
}

function load(encoding: string): Tokenizer | undefined {
  try {
    const { countTokens }: GptTokenizer = require(`gpt-tokenizer/encoding/${encoding}`);
    // A text that spells a special token is a text like any other.
    return { countTokens: (text) => countTokens(text, { disallowedSpecial: new Set() }) };
  } catch {
    return undefined;
  }
}

/** Tokens of one character of its kind in the encodings of today: found by counting prose, code and JSON. */
const WORD = 0.22;
const MARK = 0.42;
const ACCENTED = 0.4;
const IDEOGRAPH = 0.75;
const OTHER_SCRIPT = 0.5;
/** Code points where the kinds begin. */
const FIRST_ACCENTED = 0x80;
const FIRST_OTHER_SCRIPT = 0x250;
const FIRST_IDEOGRAPH = 0x2e80;

/** An estimate from the characters alone, for where there is no tokenizer. */
export function countByCharacters(text: string): number {
  let tokens = 0;
  let before = '';
  for (const character of text) {
    const isRun = character === before;
    before = character;
    // Indents, rules and padding are a token a run.
    if (isRun && !/\w/.test(character)) continue;
    const code = character.codePointAt(0) ?? 0;
    if (code >= FIRST_IDEOGRAPH) tokens += IDEOGRAPH;
    else if (code >= FIRST_OTHER_SCRIPT) tokens += OTHER_SCRIPT;
    else if (code >= FIRST_ACCENTED) tokens += ACCENTED;
    else tokens += /[A-Za-z0-9 ]/.test(character) ? WORD : MARK;
  }
  return Math.ceil(tokens);
}
