/** Grafana's registries, which are empty outside of Grafana: without them units, thresholds and colours are ignored. */
import {
  booleanOverrideProcessor,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  FieldConfigOptionsRegistry,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardTransformers,
  standardTransformersRegistry,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';
import type { Panel } from './model';

const PROCESSORS = {
  unit: unitOverrideProcessor,
  min: numberOverrideProcessor,
  max: numberOverrideProcessor,
  fieldMinMax: booleanOverrideProcessor,
  decimals: numberOverrideProcessor,
  displayName: displayNameOverrideProcessor,
  noValue: stringOverrideProcessor,
  color: identityOverrideProcessor,
  thresholds: thresholdsOverrideProcessor,
  mappings: valueMappingsOverrideProcessor,
  links: dataLinksOverrideProcessor,
  filterable: booleanOverrideProcessor,
};

export function fillTransformers(): void {
  const seen = new Set<string>();
  const items = Object.values(standardTransformers).filter(({ id }) => !seen.has(id) && seen.add(id));
  standardTransformersRegistry.setInit(() =>
    items.map((transformer) => ({
      id: transformer.id,
      name: transformer.name,
      transformation: async () => transformer,
      editor: () => null,
      imageDark: '',
      imageLight: '',
    })),
  );
}

const item = (id: string, path: string, options: { process: unknown; isCustom: boolean }) => ({
  id,
  path,
  name: id,
  isCustom: options.isCustom,
  process: options.process,
  shouldApply: () => true,
  editor: () => null,
  override: () => null,
  settings: {},
});

/** The options that a panel's fields have: the standard ones, and every custom one that it sets somewhere. */
export function fieldConfigRegistry({ fieldConfig }: Panel): FieldConfigOptionsRegistry {
  const custom = new Set(Object.keys(fieldConfig.defaults.custom ?? {}));
  for (const { properties } of fieldConfig.overrides)
    for (const { id } of properties) if (id.startsWith('custom.')) custom.add(id.slice('custom.'.length));
  const items = [
    ...Object.entries(PROCESSORS).map(([id, process]) => item(id, id, { process, isCustom: false })),
    ...[...custom].map((path) =>
      item(`custom.${path}`, path, { process: identityOverrideProcessor, isCustom: true }),
    ),
  ];
  return new FieldConfigOptionsRegistry(() => items as never);
}
