export { type Address, parseAddress } from './address.js';
export { type ProcessorArguments, parseArguments, type StartError } from './arguments.js';
export { type EvidenceSpan, explainTasks, type OutcomeReason, type TaskExplanation } from './explain.js';
export { type LedgerReconciliation, writeReconciliation } from './ledger/audit.js';
export { type ClickHouse, createClickHouse } from './ledger/clickhouse/clickhouse.js';
export { listClickHouseCorrectionRuns, writeClickHouseCorrections } from './ledger/clickhouse/corrections.js';
export { readClickHouse } from './ledger/clickhouse/reader.js';
export {
  type Correction,
  type CorrectionRun,
  type CorrectionRunSummary,
  listCorrectionRuns,
  writeCorrections,
} from './ledger/corrections.js';
export { LedgerError, openLedgerToRead, openLedgerToWrite } from './ledger/database.js';
export { LedgerQueryError, type LedgerQueryText, parseLedgerQuery } from './ledger/query.js';
export {
  LEDGER_DIMENSIONS,
  type LedgerDimension,
  type LedgerQuery,
  type LedgerRow,
  readLedger,
} from './ledger/reader.js';
export {
  costPerSuccess,
  foldOutcomes,
  isCostUnknown,
  type ReportRow,
  sumRows,
  trueCost,
  trueListCost,
  withOutcome,
} from './ledger/report.js';
export { LEDGER_LABELS, type LedgerLabel } from './ledger/row.js';
export { type RunningProcessor, type StartOptions, startProcessor } from './main.js';
export { boundHeapGrowth } from './memory.js';
export { Processor, type ProcessorOptions } from './processor.js';
export { MalformedError } from './receive/wire.js';
export { type ProcessorEnvironment, runProcessor } from './run.js';
export { makeDirectory } from './store/disk.js';
