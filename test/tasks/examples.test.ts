import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@costspan/testkit';
import { afterAll, expect, it } from 'vitest';
import { readPackages, readSources } from '../contract/packages.ts';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'costspan-examples-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What the examples take from the application around them. */
const SURROUNDINGS = `
interface Ticket { id: string; transcript: string }
interface Draft { isFinal: boolean; text: string }
interface Request { user: { plan: string; company: string }; body: { taskId: string; isUp: boolean } }
interface Response { end(): void }
type Listener = (req: Request, res: Response, next: () => void) => void;
declare const app: { use(fn: Listener): void; post(path: string, fn: Listener): void };
declare const agent: { run(ticket: Ticket, tone?: string): Promise<Draft>; summarise(ticket: Ticket): Promise<string> };
declare const ticket: Ticket;
declare const ticketId: string;
declare const transcript: string;
declare const answer: string;
declare const Reply: { safeParse(value: unknown): { success: boolean } };
declare const task: import('@costspan/api').Task;
declare const tickets: { on(event: 'reopened', fn: (event: { taskId: string }) => void): void };
declare const openai: { chat: { completions: { create(request: object): Promise<object> } } };
declare const request: object;
declare const job: object;
declare function run(job: object): Promise<void>;
declare const span: import('@costspan/aggregate').SpanView;
declare const body: Readonly<Record<string, unknown>>;
declare const apiKey: string;
declare const esbuild: { build(options: object): Promise<void> };
declare function resolve(ticket: Ticket): Promise<{ isHelpful: boolean }>;
declare function askCheapModel(text: string, options?: { signal: AbortSignal }): Promise<number>;
interface Message { body: object; headers: { baggage: string | undefined } }
declare const queue: { send(message: Message): Promise<void>; receive(fn: (message: Message) => unknown): void };
declare const worker: { postMessage(message: object): void };
declare const parentPort: { on(event: 'message', fn: (message: { job: object; scope: string | undefined }) => void): void };
`;

const PAGES = [
  ...['README.md', 'docs/tasks.md', 'docs/prices.md'],
  ...readPackages().map(({ folder }) => `packages/${folder}/README.md`),
];
const readPages = (): Example[] =>
  PAGES.filter((page) => existsSync(join(root, page))).flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => ({
      code,
      doors: ['@costspan/api'],
    })),
  );

interface Example {
  readonly code: string;
  /** What gives the names that it uses without an import. */
  readonly doors: readonly string[];
}

/** The examples of the packages' doc comments. */
function readComments(): Example[] {
  const published = readPackages().filter(({ manifest }) => manifest.private !== true);
  return published.flatMap((own) => {
    const { name, exports: doors = {} } = own.manifest;
    const texts = ['.', './estimate'].filter((door) => door in doors).map((door) => name + door.slice(1));
    return readSources(own).flatMap(({ text }) =>
      [...text.matchAll(/@example\n(.*?)\*\//gs)].map(([, lines = '']) => ({
        code: lines.replace(/^\s*\* ?/gm, ''),
        doors: texts,
      })),
    );
  });
}

/** A module of its own: imports on top, the rest in a function, so that `await` and `return` may stand anywhere. */
function renderModule({ code, doors }: Example): string {
  const imports = code.match(/^import .*$/gm) ?? [];
  const body = code.replace(/^import .*$/gm, '');
  const all = doors.map((door) => `import { ${Object.keys(require(door)).join(', ')} } from '${door}';`);
  const header = (imports.length > 0 ? imports : all).join('\n');
  return `${header}\nexport async function example() {\n${body}\n}\n`;
}

it('every example of the pages and of the packages’ comments is right TypeScript', async () => {
  const [pages, comments] = [readPages(), readComments()];
  expect(pages.length).toBeGreaterThanOrEqual(15);
  expect(comments.length).toBeGreaterThanOrEqual(20);
  [...pages, ...comments].forEach((example, n) => {
    writeFileSync(join(directory, `example-${n}.ts`), renderModule(example));
  });
  writeFileSync(join(directory, 'surroundings.d.ts'), SURROUNDINGS);
  const doorOf = (name: string): string => join(root, 'packages', name, 'dist/index.d.ts');
  const doors = readPackages().map(({ folder, manifest }) => [manifest.name, [doorOf(folder)]]);
  const estimate = doorOf('pricing').replace('index.d.ts', 'estimate/index.d.ts');
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true, types: ['node'] },
    ...{ target: 'es2023', lib: ['es2023', 'dom'], module: 'esnext', moduleResolution: 'bundler' },
    paths: {
      ...Object.fromEntries(doors),
      '@costspan/pricing/estimate': [estimate],
      '@costspan/instrumentation/*': [join(root, 'packages/instrumentation/dist/bundle/*.d.ts')],
      '@opentelemetry/*': [join(root, 'test/node_modules/@opentelemetry/*')],
    },
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  const { exitCode, stdout } = await run(process.execPath, [tsc, '-p', directory], { cwd: directory });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
});
