// `node ../../.config/pack.mjs [root,root…]…`, in the folder of a package before it is packed: writes `packed/`, which is
// published in place of the modules in `dist/`. What is loaded together lies in one file there: finding, reading and
// compiling a small file takes Node longer than running it. Each argument names modules of `dist/` that, with all that
// they import, make one file. Plain JavaScript, no dependency: it runs wherever a package is packed.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';

const load = createRequire(import.meta.url);

const DIST = 'dist';
const PACKED = 'packed';
const DOORS = 'doors';
/** As the compiler writes what a module imports: at the beginning of a line. */
const IMPORT = /^(?=\S).*?\brequire\("(\.{1,2}\/[^"]+)"\)/gm;
const ANY_IMPORT = /\brequire\("(\.{1,2}\/[^"]+)"\)/g;
/** What a module loads when it needs it: as it is written there, or by a path that begins at the root of the package. */
const LATER = /\brequire\('(\.{1,2}\/[^']+\.js)'\)/g;
const LATER_FROM_ROOT = /\(0, \w+\.requireLazily\)\(\s*'\.\/([^']+)',?\s*\)/g;
/** Stays where it is. */
const DATA = /\brequire\('(\.{1,2}\/[^']+\.json)'\)/g;
/** Of whose names Node, which looks for them in the text, would find none. */
const EVERYTHING_OF = /\b__exportStar\(/;
/** Where a file lies is only right for those in the root of `dist/`, which is as deep as that of `packed/`. */
const OWN_PLACE = /\b__(?:dirname|filename)\b/;

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const doors = Object.values(manifest.exports)
  .filter((door) => typeof door === 'object')
  .map((door) => posix.relative(DIST, door.default));

function readModule(path) {
  const file = join(DIST, path);
  if (!existsSync(file)) throw new Error(`${manifest.name}: ${file} is missing. Fix: npm run build`);
  const text = readFileSync(file, 'utf8');
  if (path.includes('/') && OWN_PLACE.test(text))
    throw new Error(
      `${file} reads its own path, which packing changes. Fix: do that in a module of src itself.`,
    );
  return text;
}

const resolve = (from, specifier) => posix.join(posix.dirname(from), specifier);
const readName = (path) => path.replace(/\.js$/, '').replaceAll('/', '-');

const readImports = (path) => [...readModule(path).matchAll(IMPORT)].map(([, found]) => resolve(path, found));

/** A module and all that it imports, less what lies in a file already, in the order in which they are met. */
function reach(root, placed, found = new Set()) {
  if (placed.has(root) || found.has(root)) return found;
  found.add(root);
  for (const path of readImports(root)) reach(path, placed, found);
  return found;
}

const readLater = (path) => [
  ...[...readModule(path).matchAll(LATER)].map(([, found]) => resolve(path, found)),
  ...[...readModule(path).matchAll(LATER_FROM_ROOT)].map(([, found]) => found),
];

/** What the placed modules load later, the smallest first: nothing then brings more than it needs. */
function findLater(placed) {
  const roots = [...placed.keys()].flatMap(readLater).filter((path) => !placed.has(path));
  const sizes = new Map(roots.map((root) => [root, reach(root, placed).size]));
  return [...sizes.keys()].sort((one, other) => sizes.get(one) - sizes.get(other));
}

/** Path → name of the file that it lies in: that of the first root that reaches it, and no other. */
function place(groups) {
  const placed = new Map();
  const add = (name, roots) => {
    for (const root of roots) for (const path of reach(root, placed)) placed.set(path, name);
  };
  for (const roots of groups) add(readName(roots[0]), roots);
  for (const door of doors) add(readName(door), readImports(door));
  for (let later = findLater(placed); later.length > 0; later = findLater(placed))
    add(readName(later[0]), [later[0]]);
  return placed;
}

/** A module's text; `loadPacked` stands for `require` among its own. */
const renderBody = (path) =>
  readModule(path)
    .replace(ANY_IMPORT, (_, found) => `loadPacked('${resolve(path, found)}')`)
    .replace(LATER, (_, found) => `loadPacked('${resolve(path, found)}')`)
    .replace(LATER_FROM_ROOT, (_, found) => `loadPacked('${found}')`)
    .replace(DATA, (_, found) => `require('../${DIST}/${resolve(path, found)}')`)
    .trimEnd();

/** As a function of what Node's own wrapper would give it. */
const renderModule = (path) =>
  `exports['${path}'] = (exports, module, loadPacked) => {\n${renderBody(path)}\n};\n`;

/** A file by itself: Node looks into it for the names that an ES module may import. */
function renderDoor(path) {
  const text = `'use strict';\nconst loadPacked = require('../load.js');\n${renderBody(path)}\n`;
  if (!EVERYTHING_OF.test(text)) return text;
  const names = Object.keys(load(join(process.cwd(), DIST, path)));
  return `${text}0 && (module.exports = { ${names.join(', ')} });\n`;
}

/**
 * Runs each module once and, as Node does, once more when it has thrown. What everything else needs lies beside; of the
 * other files a bundler sees each path.
 */
const renderLoader = (placed, first) => `'use strict';
const FILES = ${JSON.stringify(Object.fromEntries(placed), undefined, 2)};
const LOADERS = {
${[...new Set(placed.values())].map((name) => `  '${name}': () => ${name === first ? 'beside' : `require('./${name}.js')`},\n`).join('')}};
const files = new Map();
const loaded = new Map();
const beside = {};

function find(path) {
  const name = FILES[path];
  // Remembered: Node's own way leads through everybody's resolve hooks.
  if (!files.has(name)) files.set(name, LOADERS[name]());
  return files.get(name)[path];
}

module.exports = function loadPacked(path) {
  const known = loaded.get(path);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(path, module);
  try {
    find(path)(module.exports, module, loadPacked);
  } catch (error) {
    loaded.delete(path);
    throw error;
  }
  return module.exports;
};

((exports) => {
`;

function render(placed) {
  const [first] = placed.values();
  const packed = new Map([['load.js', renderLoader(placed, first)]]);
  for (const [path, name] of placed) {
    const file = name === first ? 'load.js' : `${name}.js`;
    packed.set(file, `${packed.get(file) ?? "'use strict';\n"}${renderModule(path)}`);
  }
  packed.set('load.js', `${packed.get('load.js')}})(beside);\n`);
  for (const door of doors) packed.set(`${DOORS}/${readName(door)}.js`, renderDoor(door));
  return packed;
}

/** Whole or not at all, and only where it differs: the same package may be packed by two at a time. */
function write(path, text) {
  const file = join(PACKED, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  const draft = `.${PACKED}-${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, text);
  renameSync(draft, file);
}

const placed = place(process.argv.slice(2).map((group) => group.split(',').map((root) => `${root}.js`)));
const packed = render(placed);
for (const [path, text] of packed) write(path, text);
for (const file of readdirSync(PACKED, { recursive: true, encoding: 'utf8' }))
  if (file.endsWith('.js') && !packed.has(file.replaceAll('\\', '/'))) rmSync(join(PACKED, file));
