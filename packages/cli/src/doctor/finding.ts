/** One thing that the doctor looked at. */
export interface Finding {
  readonly subject: 'node' | 'preload' | 'config' | 'variable' | 'sdk' | 'framework' | 'exporter' | 'call';
  /** `unknown`: it cannot be seen from here. Only a problem makes the examination fail. */
  readonly state: 'ok' | 'problem' | 'unknown';
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
  /** Of a call: its span's. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

const MARKS: Readonly<Record<Finding['state'], string>> = { ok: 'ok', problem: 'FAIL', unknown: '?' };

/** The findings as text, one line each, what belongs to it below. */
export function renderFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ subject, state, text, fix, attributes = {} }) => {
      const rows = Object.entries(attributes).map(([key, value]) => `  ${key} = ${JSON.stringify(value)}`);
      if (fix !== undefined) rows.push(`fix: ${fix}`);
      const lines = rows.map((row) => `${' '.repeat(15)}${row}\n`);
      return `${MARKS[state].padEnd(5)}${subject.padEnd(10)}${text}\n${lines.join('')}`;
    })
    .join('');
}

/** Whether there is no problem among them. */
export const isHealthy = (findings: readonly Finding[]): boolean =>
  !findings.some(({ state }) => state === 'problem');

/** The findings for a program: one JSON object. */
export const renderFindingsAsJson = (findings: readonly Finding[]): string =>
  `${JSON.stringify({ ok: isHealthy(findings), findings }, undefined, 2)}\n`;
