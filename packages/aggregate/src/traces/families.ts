import type { CallRecord } from '../records.js';
import { createFamily, type Family } from './alike-lists.js';

/** Who asks for `gpt-4o-mini` is answered by `gpt-4o-mini-2024-07-18`, and some layers know only what was asked for. */
const RELEASE_DATE = /[-@]20\d\d-?\d\d-?\d\d$/;
const MAX_FAMILIES = 1_000;
const families = new Map<string, Family>();

/** The model of a call whatever its release date. */
export function familyOf({ model }: Pick<CallRecord, 'model'>): Family {
  const known = families.get(model);
  if (known !== undefined) return known;
  const family = createFamily(model.replace(RELEASE_DATE, ''));
  if (families.size >= MAX_FAMILIES) families.clear();
  families.set(model, family);
  return family;
}
