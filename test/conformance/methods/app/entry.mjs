// ES module application: `node entry.mjs <package> <family>`.

import { createRequire } from 'node:module';

const { main } = createRequire(import.meta.url)('./main.cjs');
const [, , packageName, family] = process.argv;

main({ sdk: await import(packageName), family });
