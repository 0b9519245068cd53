// Door `@costspan/pricing/table`: price tables as files. Apart, because an application that only prices calls needs none of it.
export {
  findFirstCard,
  listPriceCards,
  listPricedProviders,
  PRICE_TABLE_FORMAT,
  type PriceTableResult,
  parsePriceTable,
  renderPriceTable,
} from './price-table.js';
export type { PriceTableProblem } from './table-check.js';
export { comparePriceCards, type PriceChange } from './table-diff.js';
