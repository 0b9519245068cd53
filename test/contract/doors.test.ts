/** What stands at a door of a package says what it is where an editor shows it: in the comment of its declaration. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Package, readPackages } from './packages.ts';

/** The declarations at the doors of a package, by its manifest. */
const listDoors = ({ path, manifest: { exports = {} } }: Package): string[] =>
  Object.values(exports).flatMap((door) => {
    const types = (door as { readonly types?: string }).types;
    return types === undefined ? [] : [join(path, types)];
  });

const PASSED_ON = /^export (?:type )?(\*|\{[^}]*\}) from '(\.[^']*)\.js';/gm;
const DECLARED =
  /^(\*\/\n)?export (?:declare )?(?:abstract )?(?:const|function|class|interface|type|enum) (\w+)/gm;

/** `file: name` of what is exported and has no comment, wherever it is passed on from. */
function findUntold(file: string, isAsked: (name: string) => boolean = () => true): string[] {
  // A comment's end stands at the beginning of a line, however it is indented.
  const text = readFileSync(file, 'utf8').replace(/^.*\*\/\n/gm, '*/\n');
  const untold = [...text.matchAll(DECLARED)].flatMap(([, comment, name = '']) =>
    comment === undefined && isAsked(name) ? [`${file}: ${name}`] : [],
  );
  const passedOn = [...text.matchAll(PASSED_ON)].flatMap(([, what = '', from = '']) => {
    const names = new Set([...what.matchAll(/(?:type )?(\w+)(?: as \w+)?/g)].map(([, name]) => name));
    const isPassedOn = (name: string): boolean => what === '*' || names.has(name);
    return findUntold(`${join(dirname(file), from)}.d.ts`, isPassedOn);
  });
  return [...new Set([...untold, ...passedOn])];
}

const published = readPackages().filter((own) => own.manifest.private !== true && listDoors(own).length > 0);

describe.each(published.map((own) => [own.manifest.name, own] as const))('%s', (_name, own) => {
  it('tells of everything that can be imported from it', () => {
    const doors = listDoors(own);
    expect(doors.filter((door) => !existsSync(door))).toEqual([]);
    expect(doors.flatMap((door) => findUntold(door))).toEqual([]);
  });
});
