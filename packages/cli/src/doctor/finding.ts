/** One thing that the doctor looked at. */
export interface Finding {
  readonly subject: 'node' | 'preload' | 'config' | 'sdk' | 'framework' | 'exporter' | 'call';
  /** `unknown`: it cannot be seen from here. Only a problem makes the examination fail. */
  readonly state: 'ok' | 'problem' | 'unknown';
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

const MARKS: Readonly<Record<Finding['state'], string>> = { ok: 'ok', problem: 'FAIL', unknown: '?' };

/** The findings as text, one line each and its fix below. */
export function renderFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ subject, state, text, fix }) => {
      const line = `${MARKS[state].padEnd(5)}${subject.padEnd(10)}${text}\n`;
      return fix === undefined ? line : `${line}${' '.repeat(15)}fix: ${fix}\n`;
    })
    .join('');
}
