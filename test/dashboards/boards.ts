/** The dashboards as they are checked in, and their queries with the variables filled in as Grafana does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../contract/packages.ts';

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly format?: string;
  readonly instant?: boolean;
}
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
  readonly links: readonly { readonly url: string }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query?: unknown }[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] };
}

const folder = join(ROOT, 'grafana', 'dashboards');
export const boards: readonly Board[] = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Board,
);
export const panels = boards.flatMap((board) => board.panels.map((panel) => ({ board, panel })));
export const targets = panels.flatMap(({ board, panel }) =>
  (panel.targets ?? []).map((target) => ({ board, panel, target })),
);

/** A query with every variable at "All". */
export const fillVariables = (expr: string, { range = '1h', step = '1m' } = {}): string =>
  expr
    .replaceAll('$__rate_interval', step)
    .replaceAll('$__range', range)
    .replace(/\$\{?[a-z]\w*\}?/g, '.*');
