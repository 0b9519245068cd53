// Base + overlay → one rate card.
import { scalePicoUsd, usdPerMtokToPicoUsd, usdToPicoUsd } from '../dist/money.js';
import type { ContextTier, DatedRates, Fraction, RateCard, Rates, UnitRate } from '../dist/rate-card.js';
import { readBase } from './base.mts';
import type { Overlay, OverlayModel, Patch, Row, UsdPerMtok, UsdPerUnit } from './overlay.mts';
import { confirmRow, listReplaced, readSecondModels } from './second.mts';

/** Day on which the pinned version of the base was published: its rows were compared with their sources by then. */
const BASE_CHECKED = '2026-09-23';
const DATE_SUFFIX = '[-@](?:\\d{8}|\\d{4}-\\d{2}-\\d{2})$';

/**
 * Builds one card.
 * @throws Error when a patch matches nothing: the base has changed under it.
 */
export function buildCard(name: string, overlay: Overlay, source: string): RateCard {
  const own = (overlay.models ?? []).map(readOverlayModel);
  const replaced = new Set([...own.map((row) => row.id), ...(overlay.drop ?? [])]);
  const moved = new Set(listReplaced(name, overlay.second));
  const base: Row[] = (overlay.base === undefined ? [] : readBase(overlay.base))
    .map((row) => withoutIds(renameRow(row, overlay.renameId), moved))
    .filter((row) => !moved.has(row.id));
  const missing = (overlay.drop ?? []).filter((id) => !base.some((row) => row.id === id));
  if (missing.length > 0)
    throw new Error(`${name}: the overlay drops ${missing.join(', ')}, the base has none of them`);
  const rows = [...base.filter((row) => !replaced.has(row.id)), ...own];
  for (const patch of overlay.patches ?? []) applyPatch(name, rows, patch);
  const settings = overlay.settings ?? { ids: { suffixes: [DATE_SUFFIX] } };
  const card: RateCard = {
    name,
    source,
    checked: BASE_CHECKED,
    ids: { suffixes: [DATE_SUFFIX] },
    ...settings,
    models: rows.map((row) => withoutCardTools(row, settings.tools)),
  };
  const second = readSecondModels(card, overlay.second).map(readOverlayModel);
  const models = [...card.models.map((row) => confirmRow(name, row)), ...second];
  return { ...card, models: models.map((row) => withTools(row, overlay.toolsOf)) };
}

function withTools(row: Row, toolsOf: Overlay['toolsOf'] = []): Row {
  const tools = toolsOf.find(([models]) => models.test(row.id))?.[1];
  return tools === undefined ? row : { ...row, tools: { ...row.tools, ...tools } };
}

/** A row less the aliases that now mean something else. */
function withoutIds({ aliases = [], ...row }: Row, ids: ReadonlySet<string>): Row {
  const kept = aliases.filter((alias) => !ids.has(alias));
  return kept.length === 0 ? row : { ...row, aliases: kept };
}

function renameRow(row: Row, renameId: Overlay['renameId']): Row {
  if (renameId === undefined) return row;
  const id = renameId(row.id);
  // Geographic profiles are a rule of the card, so their spelled-out aliases go.
  const aliases = (row.aliases ?? []).filter(
    (alias) => !/^(us|us-gov|eu|apac|jp|au|in)\./.test(alias) && alias !== id,
  );
  const { aliases: _aliases, ...rest } = row;
  return { ...rest, id, ...(aliases.length > 0 ? { aliases } : {}) };
}

/** Most rows repeat the price of the provider's tools; only a different one stays with the model. */
function withoutCardTools(row: Row, cardTools: RateCard['tools']): Row {
  const { tools, ...rest } = row;
  const own = Object.entries(tools ?? {}).filter(([tool, picoUsd]) => cardTools?.[tool] !== picoUsd);
  return own.length === 0 ? rest : { ...rest, tools: Object.fromEntries(own) };
}

function readOverlayModel(model: OverlayModel): Row {
  return {
    id: model.id,
    ...(model.aliases === undefined ? {} : { aliases: model.aliases }),
    rates: model.rates.map((dated) => ({
      ...(dated.from === undefined ? {} : { from: dated.from }),
      ...(dated.dailyUtc === undefined ? {} : { dailyUtc: dated.dailyUtc }),
      ...(dated.weekdaysUtc === undefined ? {} : { weekdaysUtc: dated.weekdaysUtc }),
      rates: readUsd(dated.usd),
      ...(dated.units === undefined ? {} : { units: readUnits(dated.units) }),
      ...(dated.tiers === undefined
        ? {}
        : {
            tiers: dated.tiers.map((tier) => ({
              minInputTokens: tier.minInputTokens,
              rates: readUsd(tier.usd),
            })),
          }),
      ...(dated.estimated === undefined ? {} : { estimated: dated.estimated }),
    })),
    source: model.source,
    checked: model.checked,
  };
}

function readUsd(usd: UsdPerMtok): Rates {
  return Object.fromEntries(Object.entries(usd).map(([unit, price]) => [unit, usdPerMtokToPicoUsd(price)]));
}

function readUnits(units: Readonly<Record<string, UsdPerUnit>>): Record<string, UnitRate> {
  return Object.fromEntries(
    Object.entries(units).map(([unit, { usd, ...rest }]) => [unit, { picoUsd: usdToPicoUsd(usd), ...rest }]),
  );
}

function applyPatch(card: string, rows: Row[], patch: Patch): void {
  const { models } = patch;
  const hits = rows.filter((row) =>
    models instanceof RegExp ? models.test(row.id) : models.includes(row.id),
  );
  if (models instanceof RegExp ? hits.length === 0 : hits.length !== models.length) {
    throw new Error(
      `${card}: a patch names ${models}, the base has ${hits.map((row) => row.id).join(', ') || 'none'}`,
    );
  }
  for (const row of hits) patchRow(row, patch);
}

function patchRow(row: Row, patch: Patch): void {
  if (patch.modes !== undefined) row.modes = { ...row.modes, ...patch.modes };
  if (patch.regions !== undefined) row.regions = { ...row.regions, ...patch.regions };
  const aliases = new Set([...(row.aliases ?? []), ...(patch.addAliases ?? [])]);
  for (const alias of patch.dropAliases ?? []) aliases.delete(alias);
  aliases.delete(row.id);
  if (aliases.size > 0) row.aliases = [...aliases];
  else delete row.aliases;
  row.rates = row.rates.map((dated) => patchRates(dated, patch));
  if (patch.estimated?.from !== undefined) {
    const last = row.rates.at(-1);
    const { from, reason } = patch.estimated;
    if (last !== undefined) row.rates = [...row.rates, { ...last, from, estimated: reason }];
  }
  row.source = row.source ?? patch.source;
  row.checked = patch.checked;
}

function patchRates(dated: DatedRates, patch: Patch): DatedRates {
  const rates = addOfInput(dated.rates, patch.ofInput);
  const { longContext, estimated } = patch;
  const tiers: readonly ContextTier[] | undefined =
    longContext === undefined
      ? dated.tiers?.map((tier) => ({ ...tier, rates: addOfInput(tier.rates, patch.ofInput) }))
      : [{ minInputTokens: longContext.minInputTokens, rates: multiplyRates(rates, longContext) }];
  return {
    ...dated,
    rates,
    ...(patch.units === undefined ? {} : { units: { ...dated.units, ...readUnits(patch.units) } }),
    ...(tiers === undefined ? {} : { tiers }),
    ...(estimated !== undefined && estimated.from === undefined ? { estimated: estimated.reason } : {}),
  };
}

function addOfInput(rates: Rates, ofInput: Patch['ofInput']): Rates {
  const { input } = rates;
  if (ofInput === undefined || input === undefined) return rates;
  const added = Object.entries(ofInput).map(([unit, by]) => [unit, multiply(input, by)]);
  return { ...Object.fromEntries(added), ...rates };
}

function multiplyRates(rates: Rates, factors: { input: Fraction; output: Fraction }): Rates {
  return Object.fromEntries(
    Object.entries(rates).map(([unit, rate]) => [
      unit,
      multiply(rate, unit.startsWith('output') ? factors.output : factors.input),
    ]),
  );
}

const multiply = (picoUsd: number, by: Fraction): number => scalePicoUsd(picoUsd, by[0], by[1]);
