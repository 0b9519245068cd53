import type { ModelCard, RateCard } from './rate-card.js';

/** A rate card with its ids in a map and its rules compiled. */
export interface CardIndex {
  readonly card: RateCard;
  readonly byId: ReadonlyMap<string, ModelCard>;
  readonly routes: readonly RegExp[];
  readonly suffixes: readonly RegExp[];
}

/**
 * Prepares a card for {@link findModel}.
 * @throws Error when two models claim one id: a table must not depend on the order of its rows.
 */
export function indexCard(card: RateCard): CardIndex {
  const byId = new Map<string, ModelCard>();
  for (const model of card.models) {
    for (const id of [model.id, ...(model.aliases ?? [])]) {
      const other = byId.get(id);
      if (other !== undefined)
        throw new Error(`${card.name}: "${id}" is claimed by ${other.id} and ${model.id}`);
      byId.set(id, model);
    }
  }
  return {
    card,
    byId,
    routes: (card.ids.routes ?? []).map((source) => new RegExp(source)),
    suffixes: card.ids.suffixes.map((source) => new RegExp(source)),
  };
}

/**
 * The model that an id means: the id itself, an alias, a dated snapshot of either, then the same behind a route
 * (path, ARN, region profile). Never a prefix: `claude-sonnet-5-5` is not a `claude-sonnet-5`, and an opaque
 * application profile that merely contains a model's name is unknown.
 */
export function findModel(index: CardIndex, id: string): ModelCard | undefined {
  let name = id;
  let found = findSnapshot(index, name);
  for (const route of index.routes) {
    if (found !== undefined) return found;
    const rest = route.exec(name)?.[1];
    if (rest === undefined) continue;
    name = rest;
    found = findSnapshot(index, name);
  }
  return found;
}

function findSnapshot(index: CardIndex, id: string): ModelCard | undefined {
  let name = id;
  let found = index.byId.get(name);
  for (const suffix of index.suffixes) {
    if (found !== undefined) return found;
    const stripped = name.replace(suffix, '');
    if (stripped === name) continue;
    name = stripped;
    found = index.byId.get(name);
  }
  return found;
}
