export type { CallRecord, TaskRecord, TokenPartition } from './records.js';
