import { ATTR, MODEL_FAMILIES, NOT_PROVIDERS, PROVIDER, PROVIDER_ALIASES } from '@costspan/semconv';
import type { Translation } from './dialects.js';

const PROVIDERS = new Set<string>(Object.values(PROVIDER));

/** The provider in the conventions' word. Where a span names none, or the framework that asked, its model tells whose it is. */
export function readProvider(translation: Translation): void {
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
      PROVIDER_ALIASES[name] ?? (isPlain ? name : (readDotted(name) ?? PROVIDER_ALIASES[first] ?? name));
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
    const known = PROVIDER_ALIASES[parts.slice(0, end).join('.')];
    if (known !== undefined) return known;
  }
  return AI_SDK_KINDS.has(parts.at(-1) ?? '') ? parts[0] : undefined;
}
const AI_SDK_KINDS = new Set(['chat', 'responses', 'messages', 'completion', 'embedding', 'textembedding']);
