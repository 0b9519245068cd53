// Pictures of the dashboards: `npm ci && npm run render -- [--out DIR] [--theme dark|light]` in this folder, after a
// build of the repository. A query that fails, an empty panel or an error in the console fails the run.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { spansUntil, writeHistory } from './history.mts';
import { backfillRules, Prometheus, promtool } from './prometheus.mts';

/** A Friday afternoon; a fixed one, so that the pictures stay the same. */
const NOW_MS = Date.UTC(2026, 10, 20, 18);
const SHOWN_MS = 24 * 3_600_000;
const WIDTH_PX = 1_440;
const here = import.meta.dirname;
const dashboards = join(here, '..', 'dashboards');

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(tmpdir(), 'costspan-pictures') },
    theme: { type: 'string', multiple: true, default: ['dark', 'light'] },
    only: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    scale: { type: 'string', default: '1' },
  },
});

/** The data of the pictures, made once for all runs with the same traffic and the same rules. */
async function prepareData(): Promise<string> {
  const sources = ['history.mts', 'prometheus.mts', '../../test/dashboards/traffic.ts'].map((file) =>
    join(here, file),
  );
  const rules = join(here, '../../collector-config/prometheus/costspan.rules.yml');
  const hash = createHash('sha256');
  for (const file of [...sources, rules]) hash.update(readFileSync(file));
  const folder = join(tmpdir(), `costspan-history-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  mkdirSync(join(folder, 'data'), { recursive: true });
  const history = join(folder, 'history.om');
  console.log(`history: ${await writeHistory(history, NOW_MS)} samples`);
  promtool(
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    '--max-block-duration=48h',
    history,
    join(folder, 'data'),
  );
  const text = readdirSync(dashboards)
    .map((file) => readFileSync(join(dashboards, file), 'utf8'))
    .join('');
  await backfillRules(folder, { dashboards: text, spans: spansUntil(NOW_MS) });
  writeFileSync(join(folder, 'complete'), '');
  return folder;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Where a path of the page lies: the page itself, the dashboards, Grafana's images, and its fonts. */
function locate(path: string): string {
  const modules = join(here, 'node_modules');
  if (path.startsWith('/dashboards/')) return join(dashboards, path.slice('/dashboards/'.length));
  if (path.includes('/build/img/'))
    return join(modules, '@grafana/ui/dist/public/img', path.split('/build/img/')[1]!);
  const inter = /\/inter\/Inter-(Regular|Medium)\.woff2$/.exec(path);
  if (inter !== null) {
    return join(
      modules,
      `@fontsource/inter/files/inter-latin-${inter[1] === 'Medium' ? 500 : 400}-normal.woff2`,
    );
  }
  if (path.endsWith('.woff2'))
    return join(modules, '@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2');
  return join(here, 'dist', path === '/' ? 'index.html' : path);
}

function serve(prometheus: string): Server {
  return createServer((request, response) => {
    answer(request, response, prometheus).catch((error: Error) => {
      response.writeHead(500).end(error.message);
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, prometheus: string): Promise<void> {
  const { pathname } = new URL(request.url!, 'http://page');
  if (pathname.startsWith('/api/')) {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const answered = await fetch(`${prometheus}${pathname}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.concat(parts),
    });
    response.writeHead(answered.status, { 'content-type': 'application/json' });
    response.end(Buffer.from(await answered.arrayBuffer()));
    return;
  }
  if (pathname === '/favicon.ico') {
    response.writeHead(204).end();
    return;
  }
  const file = locate(pathname);
  if (!existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  response.end(readFileSync(file));
}

/** Warnings of the libraries about themselves, which no picture can mend. */
const FOREIGN = [/^Warning: /, /react-i18next/, /ResizeObserver loop/];

/** Of the page: a row of the grid has 38 pixels, the head of the page 46. */
function readHeight(dashboard: string): number {
  const { panels } = JSON.parse(readFileSync(join(dashboards, dashboard), 'utf8')) as {
    panels: { gridPos: { y: number; h: number } }[];
  };
  return 46 + 38 * Math.max(...panels.map(({ gridPos: { y, h } }) => y + h));
}

async function draw(
  browser: Browser,
  origin: string,
  { dashboard, theme }: { readonly dashboard: string; readonly theme: string },
): Promise<string[]> {
  const page = await browser.newPage({
    // All of it at once: what is out of sight is not drawn.
    viewport: { width: WIDTH_PX, height: readHeight(dashboard) },
    deviceScaleFactor: Number(values.scale),
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !FOREIGN.some((known) => known.test(message.text())))
      problems.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  const scene = { dashboard, theme, fromMs: NOW_MS - SHOWN_MS, toMs: NOW_MS };
  await page.goto(`${origin}/?scene=${encodeURIComponent(JSON.stringify(scene))}`);
  await page.waitForFunction('window.drawn !== undefined', undefined, { timeout: 60_000 });
  problems.push(...(await page.evaluate<string[]>('window.drawn.problems')));
  const path = join(values.out, `${dashboard.replace('.json', '')}-${theme}.png`);
  await page.screenshot({ path, fullPage: true });
  await page.close();
  console.log(path);
  return problems.map((problem) => `${dashboard} (${theme}): ${problem}`);
}

const folder = await prepareData();
mkdirSync(values.out, { recursive: true });
const prometheus = await Prometheus.start(folder);
const server = serve(prometheus.origin);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await chromium.launch({ executablePath: values.chromium, args: ['--no-sandbox'] });
const problems: string[] = [];
try {
  for (const dashboard of readdirSync(dashboards)) {
    if (values.only !== undefined && !dashboard.includes(values.only)) continue;
    for (const theme of values.theme) problems.push(...(await draw(browser, origin, { dashboard, theme })));
  }
} finally {
  await browser.close();
  server.close();
  await prometheus.stop();
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
