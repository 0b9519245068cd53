import type { PackageGate } from '../../module-gate.js';

/** What a platform runs the application's functions with, found by a class of its. */
export interface FunctionRuntime {
  /** With a signature it is looked for where the platform has put it, too. */
  readonly module: PackageGate;
  readonly runsFunctionsOf: 'lambda' | 'azure';
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
const awsLambda: FunctionRuntime = {
  module: {
    package: 'aws-lambda-ric',
    files: ['index', 'dist/index', 'lib/RAPIDClient'],
    exportName: 'RAPIDClient',
    signature: ['/runtime/invocation/', 'Lambda-Runtime-Function-Error-Type'],
  },
  runsFunctionsOf: 'lambda',
};

/** The programming model of Azure Functions, version 4, whose classes are for functions that the host calls by name. */
const azureFunctions: FunctionRuntime = {
  module: {
    package: '@azure/functions',
    files: ['dist/azure-functions'],
    exportName: 'InvocationContext',
  },
  runsFunctionsOf: 'azure',
};

export const FUNCTION_RUNTIMES: readonly FunctionRuntime[] = [awsLambda, azureFunctions];

/** Whether what the loader knows runs functions. */
export const isFunctionRuntime = (entry: object): entry is FunctionRuntime => 'runsFunctionsOf' in entry;
