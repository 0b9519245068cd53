// Writes costspan.schema.json from the description of costspan.yaml; with --check only says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { renderConfigSchema } from '../dist/json-schema.js';

const file = new URL('../costspan.schema.json', import.meta.url);
const wanted = renderConfigSchema();
if (!process.argv.includes('--check')) writeFileSync(file, wanted);
else if (readFileSync(file, 'utf8') !== wanted) {
  console.error('packages/config/costspan.schema.json is not current. Fix: npm run generate');
  process.exitCode = 1;
}
