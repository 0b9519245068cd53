/** Where the real programs are that tests run; `npm test` sets them up before, so here they are only looked for. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { COLLECTOR_HINT, findCollector } from './collector-build.ts';

const PARTS = {
  prometheus: { commands: ['prometheus'], install: 'apt-get install prometheus' },
  promtool: { commands: ['promtool'], install: 'apt-get install prometheus' },
  alertmanager: {
    commands: ['prometheus-alertmanager', 'alertmanager'],
    install: 'apt-get install prometheus-alertmanager',
  },
  'redis-server': { commands: ['redis-server'], install: 'apt-get install redis-server' },
  amtool: { commands: ['amtool'], install: 'apt-get install prometheus-alertmanager' },
} as const;
export type PartName = keyof typeof PARTS;

/** Either the program's path, or why the tests that need it are skipped. */
export type Part =
  | { readonly path: string; readonly skipReason?: undefined }
  | { readonly path?: undefined; readonly skipReason: string };

/**
 * Looks for a program on PATH. Where it is missing, the reason to skip with says how to install it; with `CI=true` a
 * missing part throws and so fails the run, because there nobody reads why something was skipped.
 *
 * @example
 * const promtool = requirePart('promtool');
 * describe.skipIf(promtool.path === undefined)(`rules${suffixOf(promtool)}`, () => {});
 */
export function requirePart(name: PartName): Part {
  const path = PARTS[name].commands.map(findOnPath).find((found) => found !== undefined);
  return path === undefined ? skip(`${name} is not on PATH. Install it: ${PARTS[name].install}`) : { path };
}

/** The Collector of `collector-config/builder-config.yaml`, under the same terms. */
export function requireCollector(): Part {
  const path = findCollector();
  return path === undefined ? skip(`the Collector is not built: ${COLLECTOR_HINT}`) : { path };
}

function skip(reason: string): Part {
  if (process.env.CI === 'true') throw new Error(`${reason} (with CI=true a missing part fails the run)`);
  console.warn(`skipped: ${reason}`);
  return { skipReason: reason };
}

/** For the title of a suite that may be skipped, so that the report says why. */
export const suffixOf = ({ skipReason }: Part): string =>
  skipReason === undefined ? '' : ` (skipped: ${skipReason})`;

function findOnPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
