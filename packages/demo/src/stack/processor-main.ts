/** The processor as a process of its own, what `costspan processor` starts. */
import { runProcessor } from '@costspan/processor';

runProcessor(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
