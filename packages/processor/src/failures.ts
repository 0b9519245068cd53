import { AccessError } from './access/access.js';
import type { StartError } from './arguments.js';
import { LedgerError } from './ledger/database.js';
import { DecoderEndedError } from './receive/decode-pool.js';
import { NotDurableError } from './store/journal.js';
import { LockedError } from './store/lock.js';
import { CorruptDataError, DataVersionError } from './store/recover.js';

/** A defect of ours, for the log: what it is and where. Not its text, which may quote what was being read. */
export function describeFailure(error: unknown): StartError & { readonly stack?: readonly string[] } {
  if (error instanceof DecoderEndedError)
    return {
      code: 'COSTSPAN_DECODER_ENDED',
      message: `${error.message}; the senders of what it had get 503 and keep it`,
      fix: 'another one is started; if it ends again and again, lower limits.body_bytes or set limits.decode_threads to 0, and report it',
    };
  const failure = {
    code: 'COSTSPAN_INTERNAL',
    message: error instanceof Error ? error.name : 'unknown',
    fix: 'this is a defect of costspan; please report it',
  };
  if (!(error instanceof Error)) return failure;
  const stack = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { ...failure, stack: stack.map((line) => line.trim()) };
}

/** What keeps the data directory from taking anything; undefined when it does again. */
export function describeHealth(failure: unknown): StartError | { readonly event: string } {
  if (failure === undefined) return { event: 'data_directory_works' };
  return {
    code: 'COSTSPAN_DATA_FAILING',
    message: `the data directory takes nothing (${readMessage(failure)}); senders get 503 and keep what they have`,
    fix: 'make room on its disk, or give this user the right to write there; no restart is needed',
  };
}

/** One call that two services tell, neither of which knows of the other. Who they are, the metric says. */
export const SUSPICION: StartError = {
  code: 'COSTSPAN_CALLS_TOLD_TWICE',
  message: 'a service and a gateway that it asks both report the same answers, and both count',
  fix: 'set COSTSPAN_LLM_GATEWAYS to the host of the gateway where the service runs; costspan_processor_suspected_calls_total names both',
};

/** Why ClickHouse takes nothing; undefined when it does again. */
export const describeLedgerHealth = (failure: unknown): StartError | { readonly event: string } =>
  failure === undefined ? { event: 'clickhouse_works' } : describeStartError(failure);

/** Why it does not start, or does not take a new configuration. */
export function describeStartError(error: unknown): StartError {
  const message = readMessage(error);
  if (error instanceof LockedError)
    return {
      code: 'COSTSPAN_DATA_LOCKED',
      message,
      fix: 'stop the other processor, or give each one a --data directory of its own',
    };
  if (error instanceof LedgerError || error instanceof AccessError)
    return { code: error.code, message, fix: error.fix };
  if (error instanceof CorruptDataError)
    return {
      code: 'COSTSPAN_DATA_CORRUPT',
      message,
      fix: 'restore the directory from a backup, or move it away: then all counters start at 0, which Prometheus handles',
    };
  if (error instanceof DataVersionError)
    return {
      code: 'COSTSPAN_DATA_VERSION',
      message,
      fix: 'use the version of costspan that wrote it, or move the directory away: then all counters start at 0, which Prometheus handles',
    };
  // Of what a start needs, only the configured prices throw a RangeError.
  if (error instanceof RangeError)
    return { code: 'COSTSPAN_PRICES', message, fix: 'correct the entry under prices in the config file' };
  if (error instanceof NotDurableError || isFileError(error))
    return {
      code: 'COSTSPAN_DATA_UNUSABLE',
      message: `the data directory cannot be used: ${message}`,
      fix: 'name a directory with --data that this user may write to, on a disk with room',
    };
  return { code: 'COSTSPAN_LISTEN', message, fix: readListenFix(error) };
}

const FLAGS = '--otlp-http, --otlp-grpc and --metrics';
const LISTEN_FIXES: Readonly<Record<string, string>> = {
  EACCES: `choose a port from 1024 on with ${FLAGS}; for those below the system asks for a right`,
  EADDRNOTAVAIL: `name an address of this machine with ${FLAGS}`,
  ENOTFOUND: `name a host that is known here, or an address of this machine, with ${FLAGS}`,
};
const readListenFix = (error: unknown): string =>
  (error instanceof Error && 'code' in error ? LISTEN_FIXES[String(error.code)] : undefined) ??
  `stop what holds the port, or choose another with ${FLAGS}; port 0 takes a free one`;

const readMessage = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');

/** Errors of files name their path; those of ports do not. */
const isFileError = (error: unknown): boolean =>
  error instanceof Error && 'path' in error && 'syscall' in error;
