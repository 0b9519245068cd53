/** What is proven of SDKs whose endpoints are methods, as the table that the README generator takes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAMILIES } from './families.ts';
import type { Family, FamilyVersion } from './family.ts';

/** One cell of the matrix. */
export interface CellPlace {
  readonly family: Family;
  readonly version: string;
  readonly endpoint: string;
  readonly format: 'cjs' | 'esm';
  readonly node: string;
}

const TABLE_FILE = fileURLToPath(new URL('../../../.cache/conformance-methods.md', import.meta.url));

/** Collects the cells of one test run: an endpoint counts as proven when none of its scenarios has failed. */
export class MethodMatrix {
  readonly #proven: CellPlace[] = [];
  readonly #failed: CellPlace[] = [];
  readonly #absent = new Set<string>();

  prove(place: CellPlace, proof: () => void): void {
    try {
      proof();
      this.#proven.push(place);
    } catch (error) {
      this.#failed.push(place);
      throw error;
    }
  }

  /** The SDK version has no such method. */
  markAbsent({ family, version, endpoint }: CellPlace): void {
    this.#absent.add(`${family.package} ${version} ${endpoint}`);
  }

  /** Keeps the result of a whole run; a run of some scenarios only says nothing about the others. */
  write(): void {
    const rows = FAMILIES.flatMap((family) =>
      family.versions.map((version) => this.#renderRow(family, version)),
    );
    if (rows.some((row) => row === undefined)) return;
    const head = ['| SDK | methods | proven on |', '|---|---|---|'];
    mkdirSync(dirname(TABLE_FILE), { recursive: true });
    writeFileSync(TABLE_FILE, `${[...head, ...rows].join('\n')}\n`);
  }

  #renderRow(family: Family, { version, formats: only }: FamilyVersion): string | undefined {
    const isRow = (cell: CellPlace): boolean => cell.family === family && cell.version === version;
    const cells = this.#proven.filter(isRow);
    const endpoints = Object.keys(family.endpoints);
    if (!endpoints.every((endpoint) => cells.some((cell) => cell.endpoint === endpoint))) return undefined;
    const failed = new Set(this.#failed.filter(isRow).map(({ endpoint }) => endpoint));
    const names = endpoints.map((endpoint) => {
      if (failed.has(endpoint)) return `${endpoint} FAILS`;
      return this.#absent.has(`${family.package} ${version} ${endpoint}`)
        ? `${endpoint} – (not in this version)`
        : endpoint;
    });
    const formats = [...new Set(cells.map(({ format }) => format))].sort().join('+');
    const nodes = [...new Set(cells.map(({ node }) => node.split('.')[0]))].sort().join(' ');
    const why = only === undefined ? '' : ' (the package loads in no other)';
    return `| ${family.package} ${version} | ${names.join(', ')} | ${formats}${why}, Node ${nodes} |`;
  }
}
