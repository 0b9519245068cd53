/** A finding as markdown: a table, and for each target whether it is met. */
export interface Target {
  readonly text: string;
  readonly isMet: boolean;
}

export interface Section {
  readonly title: string;
  /** What was run, in one or two sentences. */
  readonly method: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly targets: readonly Target[];
}

export const formatNumber = (value: number, digits = 1): string => value.toFixed(digits);
export const formatRange = (values: readonly number[], digits = 1): string =>
  `${formatNumber(Math.min(...values), digits)}–${formatNumber(Math.max(...values), digits)}`;

/** Renders a section; the first column is text, all others are numbers. */
export function renderSection({ title, method, head, rows, targets }: Section): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  const table = [line(head), line(rule), ...rows.map(line)].join('\n');
  const verdicts = targets.map(({ text, isMet }) => `- ${isMet ? 'met' : '**not met**'}: ${text}`);
  return [`### ${title}`, '', method, '', table, '', ...verdicts].join('\n').trimEnd();
}
