import { ATTR, METRIC, PROCESSOR_METRIC } from '@costspan/semconv';
import { describe, expect, it } from 'vitest';
import { readPackages, readSources } from './packages.ts';

/** A text that begins like the name of a metric or an attribute. */
const NAME = /(['"`])((?:llm_|gen_ai\.|costspan[._])[\w.:-]*)/g;
/** Names that are no names of telemetry: registered symbols, and files that are called after us. */
const OTHER = /^costspan\.(\w+\.\d+|yaml|rules\.yml|schema\.json)$/;
const stripComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '');
/** The demo and the testkit stand outside: they read what a user would read. */
const published = readPackages().filter(
  ({ folder, manifest }) => manifest.private !== true && folder !== 'semconv',
);

describe.each(published.map((own) => [own.folder, own] as const))('packages/%s', (_folder, own) => {
  it('takes every outside name from semconv', () => {
    const found = readSources(own).flatMap(({ file, text }) =>
      [...stripComments(text).matchAll(NAME)]
        .map((match) => match[2]!)
        // A recording rule has colons: its name is made from the metrics' and belongs to the rules.
        .filter((name) => !OTHER.test(name) && !name.includes(':'))
        .map((name) => `${file}: ${name}`),
    );
    expect(found).toEqual([]);
  });
});

it('has each attribute and each metric once', () => {
  const names = [
    ...Object.values(ATTR),
    ...Object.values({ ...METRIC, ...PROCESSOR_METRIC }).map(({ name }) => name),
  ];
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
