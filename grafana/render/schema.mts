// `npm run schema`: the dashboards against the types that Grafana itself is written in. A key that Grafana does not know
// is ignored there in silence, so here it fails the run.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { createGenerator, type Schema } from 'ts-json-schema-generator';

const dashboards = join(import.meta.dirname, '..', 'dashboards');
const types = join(
  createRequire(import.meta.url).resolve('@grafana/schema/package.json'),
  '../dist/types/raw',
);
const ajv = new Ajv({ strict: false, allErrors: true });

const generate = (file: string, type: string): Schema =>
  createGenerator({ path: join(types, file), type, skipTypeCheck: true, topRef: false }).createSchema(type);

/** One of the types of a dashboard. */
const { definitions = {} } = generate('dashboard/x/types.gen.d.ts', 'Dashboard');
const typeOf = (name: string): ValidateFunction =>
  ajv.compile({ definitions, $ref: `#/definitions/${name}` });

/** The options of a panel type; the types ask for all of them, while a dashboard may leave any to its default. */
function optionsOf(type: string): ValidateFunction {
  const text = JSON.stringify(generate(`composable/${type}/panelcfg/x/types.gen.d.ts`, 'Options'));
  return ajv.compile(JSON.parse(text, (key, value) => (key === 'required' ? undefined : value)));
}

interface Board {
  panels: { title: string; type: string; options: unknown }[];
  templating: { list: { name: string }[] };
}
const [panelType, variableType] = [typeOf('Panel'), typeOf('VariableModel')];
const optionTypes = new Map<string, ValidateFunction>();
const problems: string[] = [];

function check(place: string, validate: ValidateFunction, value: unknown): void {
  if (validate(value)) return;
  for (const { instancePath, message, params } of validate.errors ?? [])
    problems.push(`${place}${instancePath} ${message} ${JSON.stringify(params)}`);
}

for (const file of readdirSync(dashboards)) {
  const { panels, templating } = JSON.parse(readFileSync(join(dashboards, file), 'utf8')) as Board;
  for (const panel of panels) {
    check(`${file}: ${panel.title}`, panelType, panel);
    const options = optionTypes.get(panel.type) ?? optionsOf(panel.type);
    optionTypes.set(panel.type, options);
    check(`${file}: ${panel.title}, options`, options, panel.options);
  }
  for (const variable of templating.list) check(`${file}: $${variable.name}`, variableType, variable);
}
for (const problem of problems) console.error(problem);
console.log(`${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
