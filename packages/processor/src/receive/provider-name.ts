import {
  ATTR,
  BEDROCK_VENDORS,
  MODEL_FAMILIES,
  NOT_PROVIDERS,
  PROVIDER,
  PROVIDER_ALIASES,
} from '@costspan/semconv';
import type { Translation } from './translation.js';

const PROVIDERS = new Set<string>(Object.values(PROVIDER));

/** Without what parts its words: `amazon_bedrock` is `amazon-bedrock`. */
const joinWords = (name: string): string => name.replaceAll(/[-_. ]/g, '');
const ALIASES = new Map(Object.entries(PROVIDER_ALIASES).map(([alias, name]) => [joinWords(alias), name]));
const SPELLINGS = new Map([...PROVIDERS].map((name) => [joinWords(name), name]));
const findAlias = (name: string): string | undefined => ALIASES.get(joinWords(name));
const findProvider = (name: string): string | undefined => findAlias(name) ?? SPELLINGS.get(joinWords(name));

/** The provider in the conventions' word, and its models as it names them. */
export function readProvider(translation: Translation): void {
  readName(translation);
  for (const name of [ATTR.REQUEST_MODEL, ATTR.RESPONSE_MODEL]) {
    dropPrefix(translation, name);
    if (translation[ATTR.PROVIDER_NAME] === PROVIDER.AWS_BEDROCK) addVendor(translation, name);
  }
}

/** `titan-embed-text-v2:0` is `amazon.titan-embed-text-v2:0`: OpenLLMetry leaves the vendor out. */
function addVendor(translation: Translation, name: string): void {
  const model = translation[name];
  if (typeof model !== 'string') return;
  const vendor = BEDROCK_VENDORS.find(([pattern]) => pattern.test(model));
  if (vendor !== undefined) translation[name] = `${vendor[1]}.${model}`;
}

/**
 * `openai/gpt-5-mini` of OpenAI: how LiteLLM is told whom to ask. Of a gateway's provider it is the model's name, and so is
 * `openrouter/auto`, which is OpenRouter's own.
 */
function dropPrefix(translation: Translation, name: string): void {
  const model = translation[name];
  if (typeof model !== 'string' || model === OPENROUTER_AUTO) return;
  const slash = model.indexOf('/');
  const prefix = model.slice(0, Math.max(0, slash));
  if (prefix !== '' && (findProvider(prefix) ?? prefix) === translation[ATTR.PROVIDER_NAME])
    translation[name] = model.slice(slash + 1);
}
const OPENROUTER_AUTO = 'openrouter/auto';

/** Where a span names none, or the framework that asked, its model tells whose it is. */
function readName(translation: Translation): void {
  const stated = translation[ATTR.PROVIDER_NAME];
  if (typeof stated === 'string' && stated !== '' && !NOT_PROVIDERS.test(stated)) {
    const name = stated.toLowerCase();
    if (PROVIDERS.has(name)) {
      translation[ATTR.PROVIDER_NAME] = name;
      return;
    }
    const [first = ''] = name.split('.', 1);
    const isPlain = name === first;
    translation[ATTR.PROVIDER_NAME] =
      findProvider(name) ?? (isPlain ? name : (readDotted(name) ?? findAlias(first) ?? name));
    return;
  }
  const model = translation[ATTR.RESPONSE_MODEL] ?? translation[ATTR.REQUEST_MODEL];
  const family = MODEL_FAMILIES.find(([pattern]) => typeof model === 'string' && pattern.test(model));
  if (family !== undefined) translation[ATTR.PROVIDER_NAME] = family[1];
  else if (stated === '') delete translation[ATTR.PROVIDER_NAME];
}

/** `openai.responses`, `google.generative-ai`: an AI SDK provider with the kind of its models. */
function readDotted(name: string): string | undefined {
  const parts = name.split('.');
  for (let end = parts.length - 1; end > 0; end -= 1) {
    const known = findAlias(parts.slice(0, end).join('.'));
    if (known !== undefined) return known;
  }
  const [first = ''] = parts;
  return AI_SDK_KINDS.has(parts.at(-1) ?? '') ? (findProvider(first) ?? first) : undefined;
}
const AI_SDK_KINDS = new Set(['chat', 'responses', 'messages', 'completion', 'embedding', 'textembedding']);
