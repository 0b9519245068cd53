import type { PackageGate } from '../../module-gate.js';

/**
 * What a platform runs the application's function with: it fetches each event by itself, calls the function and reports
 * what came of it. What is watched is the class that does the fetching and the reporting, so the function stays as it is.
 */
export interface FunctionRuntime {
  /** With a signature it is looked for where the platform has put it, too. */
  readonly module: PackageGate;
  readonly runsFunctions: true;
}

/** What watching one needs from the rest of costspan. */
export interface FunctionDoors {
  /** Whether something has been recorded that may not have arrived. */
  readonly isUnsent: () => boolean;
  /** Sends it; resolves when it has arrived or time is up. */
  readonly flush: (timeoutMs: number) => Promise<void>;
  /** The process will be killed: what is open is told as it is. */
  readonly giveUp: () => void;
}

/** The runtime interface client of AWS Lambda, 2 to 4, in an image of one's own or as Lambda brings it. */
export const awsLambda: FunctionRuntime = {
  module: {
    package: 'aws-lambda-ric',
    files: ['index', 'dist/index', 'lib/RAPIDClient'],
    exportName: 'RAPIDClient',
    signature: ['/runtime/invocation/', 'Lambda-Runtime-Function-Error-Type'],
  },
  runsFunctions: true,
};

/** Whether what the loader knows runs functions. */
export const isFunctionRuntime = (entry: object): entry is FunctionRuntime => 'runsFunctions' in entry;
