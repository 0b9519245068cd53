// `node .config/pack.mjs`, after the compiler: writes `packed/` of the packages below, which is what they export. What is
// loaded together lies in one file there: finding, reading and compiling a small file takes Node longer than running it.
// Plain JavaScript, no dependency: it runs wherever a package is packed.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Every process with the preload loads these packages; each comes behind those that it imports. Each group names modules
 * that, with all that they import, make one file; what no group reaches makes files of its own.
 */
const GROUPS = {
  semconv: [],
  pricing: [],
  api: [],
  config: [],
  instrumentation: [
    ['instrumentation'],
    ['runtime', 'attribution/index', 'settings'],
    ['providers/hosts'],
    ['providers/openai'],
  ],
};

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

const resolve = (from, specifier) => posix.join(posix.dirname(from), specifier);
const readName = (path) => path.replace(/\.js$/, '').replaceAll('/', '-');

/** The modules that a package is compiled to, by their paths in its `dist/`. */
class Compiled {
  constructor(folder) {
    this.folder = folder;
    const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    this.name = name;
    this.doors = Object.values(exports)
      .filter((door) => typeof door === 'object')
      .map(({ types }) => posix.relative(DIST, types).replace(/\.d\.ts$/, '.js'));
  }

  read(path) {
    const file = join(this.folder, DIST, path);
    if (!existsSync(file)) throw new Error(`${this.name}: ${file} is missing. Fix: npm run build`);
    const text = readFileSync(file, 'utf8');
    if (path.includes('/') && OWN_PLACE.test(text))
      throw new Error(
        `${file} reads its own path, which packing changes. Fix: do that in a module of src itself.`,
      );
    return text;
  }

  readImports(path) {
    return [...this.read(path).matchAll(IMPORT)].map(([, found]) => resolve(path, found));
  }

  readLater(path) {
    const text = this.read(path);
    return [
      ...[...text.matchAll(LATER)].map(([, found]) => resolve(path, found)),
      ...[...text.matchAll(LATER_FROM_ROOT)].map(([, found]) => found),
    ];
  }

  /** A module and all that it imports, less what lies in a file already, in the order in which they are met. */
  reach(root, placed, found = new Set()) {
    if (placed.has(root) || found.has(root)) return found;
    found.add(root);
    for (const path of this.readImports(root)) this.reach(path, placed, found);
    return found;
  }

  /** A module's text; `loadPacked` stands for `require` among its own. */
  renderBody(path) {
    return this.read(path)
      .replace(ANY_IMPORT, (_, found) => `loadPacked('${resolve(path, found)}')`)
      .replace(LATER, (_, found) => `loadPacked('${resolve(path, found)}')`)
      .replace(LATER_FROM_ROOT, (_, found) => `loadPacked('${found}')`)
      .replace(DATA, (_, found) => `require('../${DIST}/${resolve(path, found)}')`)
      .trimEnd();
  }

  /**
   * As a function of what Node's own wrapper would give it. In parentheses V8 compiles it with the file; else it would
   * read it there to find its end, and once more to compile it.
   */
  renderModule(path) {
    return `exports['${path}'] = (function (exports, module, loadPacked) {\n${this.renderBody(path)}\n});\n`;
  }

  /** A file by itself: Node looks into it for the names that an ES module may import. */
  renderDoor(path) {
    const text = `'use strict';\nconst loadPacked = require('../load.js');\n${this.renderBody(path)}\n`;
    if (!EVERYTHING_OF.test(text)) return text;
    const names = Object.keys(load(join(this.folder, DIST, path)));
    return `${text}0 && (module.exports = { ${names.join(', ')} });\n`;
  }
}

/** What the placed modules load later, the smallest first: nothing then brings more than it needs. */
function findLater(compiled, placed) {
  const roots = [...placed.keys()]
    .flatMap((path) => compiled.readLater(path))
    .filter((path) => !placed.has(path));
  const sizes = new Map(roots.map((root) => [root, compiled.reach(root, placed).size]));
  return [...sizes.keys()].sort((one, other) => sizes.get(one) - sizes.get(other));
}

/** Path → name of the file that it lies in: that of the first root that reaches it, and no other. */
function place(compiled, groups) {
  const placed = new Map();
  const add = (name, roots) => {
    for (const root of roots) for (const path of compiled.reach(root, placed)) placed.set(path, name);
  };
  for (const roots of groups)
    add(
      readName(roots[0]),
      roots.map((root) => `${root}.js`),
    );
  for (const door of compiled.doors) add(readName(door), compiled.readImports(door));
  for (let later = findLater(compiled, placed); later.length > 0; later = findLater(compiled, placed))
    add(readName(later[0]), [later[0]]);
  return placed;
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

(function (exports) {
`;

/** Path in `packed/` → text. */
function render(compiled, placed) {
  const [first] = placed.values();
  const packed = new Map([['load.js', renderLoader(placed, first)]]);
  for (const [path, name] of placed) {
    const file = name === first ? 'load.js' : `${name}.js`;
    packed.set(file, `${packed.get(file) ?? "'use strict';\n"}${compiled.renderModule(path)}`);
  }
  packed.set('load.js', `${packed.get('load.js')}})(beside);\n`);
  for (const door of compiled.doors) packed.set(`${DOORS}/${readName(door)}.js`, compiled.renderDoor(door));
  return packed;
}

/** Whole or not at all, and only where it differs: the same package may be packed by two at a time. */
function write(file, draft, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, text);
  renameSync(draft, file);
}

function pack(name) {
  const folder = fileURLToPath(new URL(`../packages/${name}`, import.meta.url));
  const compiled = new Compiled(folder);
  const packed = render(compiled, place(compiled, GROUPS[name]));
  const target = join(folder, PACKED);
  for (const [path, text] of packed)
    write(join(target, path), join(folder, `.${PACKED}-${process.pid}`), text);
  for (const file of readdirSync(target, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.js') && !packed.has(file.replaceAll('\\', '/'))) rmSync(join(target, file));
}

/** All that have a `packed/`. */
export function packAll() {
  for (const name of Object.keys(GROUPS)) pack(name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) packAll();
