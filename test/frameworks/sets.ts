/** Sets of versions that the frameworks are tested in: the newest lie beside the tests, others in `versions`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;

/** Folders of `versions`. */
export const OLDER_SETS = readdirSync(join(here, 'versions'));

/** What the applications of `fixtures` load their packages with. */
export const loaderOf = (set: string): string => join(here, 'versions', set, 'load.mjs');

/** Which applications load a package: those of the AI SDK have its major as their argument. */
const APPS: Readonly<Record<string, RegExp>> = {
  ai: /^ai-sdk-agent/,
  '@langchain/': /^langchain/,
  langchain: /^langchain/,
  '@llamaindex/': /^llamaindex/,
  '@mastra/core': /^mastra/,
  '@openai/agents-core': /^openai-agents/,
  '@anthropic-ai/claude-agent-sdk': /^claude-agent/,
};

/** The application that loads a package of a framework. @throws where none does. */
export function appOf(name: string): RegExp {
  const app = Object.entries(APPS).find(
    ([key]) => name === key || (key.endsWith('/') && name.startsWith(key)),
  );
  if (app === undefined) throw new Error(`no application in test/frameworks/fixtures loads ${name}`);
  return app[1];
}

/** Package → its version, in one set; several majors of one package have names of their own. */
export function readVersions(set: string | undefined): readonly (readonly [name: string, version: string])[] {
  const folder = set === undefined ? join(here, '..') : join(here, 'versions', set);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return Object.entries(manifest.devDependencies).map(([name, version]) => {
    const [, of = name, exact = version] = /^npm:(.+)@(.+)$/.exec(version) ?? [];
    return [of, exact] as const;
  });
}
