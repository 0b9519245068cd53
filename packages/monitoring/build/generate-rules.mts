// Writes the rule file that is shipped for any config; with --check only says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { renderRules } from '@costspan/monitoring';

const file = new URL('../../../collector-config/prometheus/costspan.rules.yml', import.meta.url);
const wanted = renderRules();
if (!process.argv.includes('--check')) writeFileSync(file, wanted);
else if (readFileSync(file, 'utf8') !== wanted) {
  console.error('collector-config/prometheus/costspan.rules.yml is not current. Fix: npm run generate');
  process.exitCode = 1;
}
