/** The rows of a CSV (RFC 4180) by the names in its first line. Quotes, line breaks in quotes, and a byte order mark are known. */
export function parseCsv(text: string): Record<string, string>[] {
  const [header = [], ...rows] = readCells(text.replace(/^\uFEFF/, ''));
  return rows
    .filter((cells) => cells.length > 1 || cells[0] !== '')
    .map((cells) => Object.fromEntries(header.map((name, column) => [name.trim(), cells[column] ?? ''])));
}

function readCells(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A quoted cell, or one up to the next separator; then the separator.
  for (const [, quoted, plain = '', separator] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g,
  )) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (separator === ',') continue;
    rows.push(row);
    row = [];
    if (separator === '') break;
  }
  return rows;
}
