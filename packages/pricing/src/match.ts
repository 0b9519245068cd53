import type { ModelCard, RateCard } from './rate-card.js';

/** How an id was found, best first. `profile` is any of the others behind a path, an ARN or a region; `deployment` is the contract's own name. */
export type MatchRank = 'exact' | 'snapshot' | 'alias' | 'profile' | 'deployment';

/** The model that an id means. */
export interface ModelMatch {
  readonly model: ModelCard;
  readonly rank: MatchRank;
}

/** A rate card with its ids in maps and its rules compiled. */
export interface CardIndex {
  readonly card: RateCard;
  readonly byId: ReadonlyMap<string, ModelCard>;
  readonly byAlias: ReadonlyMap<string, ModelCard>;
  readonly routes: readonly RegExp[];
  readonly suffixes: readonly RegExp[];
}

/**
 * Prepares a card for {@link findModel}.
 * @throws Error when two models claim one id, or an alias of one is a dated snapshot of another: a table must depend
 * neither on the order of its rows nor on who looks at it.
 */
export function indexCard(card: RateCard): CardIndex {
  const byId = new Map<string, ModelCard>();
  const byAlias = new Map<string, ModelCard>();
  const claim = (map: Map<string, ModelCard>, id: string, model: ModelCard): void => {
    const other = byId.get(id) ?? byAlias.get(id);
    if (other !== undefined)
      throw new Error(`${card.name}: "${id}" is claimed by ${other.id} and ${model.id}`);
    map.set(id, model);
  };
  for (const model of card.models) claim(byId, model.id, model);
  for (const model of card.models) for (const alias of model.aliases ?? []) claim(byAlias, alias, model);
  const index: CardIndex = {
    card,
    byId,
    byAlias,
    routes: (card.ids.routes ?? []).map((source) => new RegExp(source)),
    suffixes: card.ids.suffixes.map((source) => new RegExp(source)),
  };
  for (const [alias, model] of byAlias) {
    const snapshot = readSnapshots(index, alias).find((name) => byId.has(name));
    const other = snapshot === undefined ? undefined : byId.get(snapshot);
    if (other !== undefined && other !== model)
      throw new Error(`${card.name}: "${alias}" is an alias of ${model.id} and a snapshot of ${other.id}`);
  }
  return index;
}

/**
 * The model that an id means, in this order: the id itself, a dated snapshot of an id, an alias or a dated snapshot of
 * one, then the same behind a route (path, ARN, region profile). Never a prefix: `claude-sonnet-5-5` is not a
 * `claude-sonnet-5`, and an opaque application profile that merely contains a model's name is unknown.
 */
export function findModel(index: CardIndex, id: string): ModelMatch | undefined {
  const found = findName(index, id);
  if (found !== undefined) return found;
  let name = id;
  for (const route of index.routes) {
    const rest = route.exec(name)?.[1];
    if (rest === undefined) continue;
    name = rest;
    const behind = findName(index, name);
    if (behind !== undefined) return { model: behind.model, rank: 'profile' };
  }
  return undefined;
}

function findName(index: CardIndex, name: string): ModelMatch | undefined {
  const exact = index.byId.get(name);
  if (exact !== undefined) return { model: exact, rank: 'exact' };
  const snapshots = readSnapshots(index, name);
  for (const snapshot of snapshots) {
    const model = index.byId.get(snapshot);
    if (model !== undefined) return { model, rank: 'snapshot' };
  }
  for (const alias of [name, ...snapshots]) {
    const model = index.byAlias.get(alias);
    if (model !== undefined) return { model, rank: 'alias' };
  }
  return undefined;
}

/** What remains of a name as one suffix after the other is taken off. */
function readSnapshots({ suffixes }: CardIndex, name: string): string[] {
  const names: string[] = [];
  let rest = name;
  for (const suffix of suffixes) {
    const stripped = rest.replace(suffix, '');
    if (stripped === rest) continue;
    rest = stripped;
    names.push(rest);
  }
  return names;
}
