/** What the doctor's preload tells of the application, one JSON line each. */
export type ProbeEvent = { readonly pid?: number } & (
  | { readonly event: 'process'; readonly node: string }
  /** costspan's preload has run in a process or a thread of the application. */
  | { readonly event: 'preload' }
  /** The application found a file, in a worker thread or not; `hasPreload`: costspan's preload had run there by then. */
  | {
      readonly event: 'file';
      readonly url: string;
      readonly hasPreload: boolean;
      readonly isThread: boolean;
    }
  /** costspan saw an SDK or a framework: it records it, or says why not. */
  | {
      readonly event: 'sdk';
      readonly package: string;
      readonly version: string;
      readonly file: string;
      readonly isRecorded: boolean;
    }
  /** A call or a task was recorded. */
  | {
      readonly event: 'span';
      readonly name: string;
      readonly attributes: Readonly<Record<string, unknown>>;
    }
  /** Spans went somewhere. */
  | { readonly event: 'export'; readonly to: string; readonly error?: string }
);

const EVENTS: readonly unknown[] = ['process', 'preload', 'file', 'sdk', 'span', 'export'];

/** The events in the probe's file; a line that was cut by the end of a process is left out. */
export function parseProbeEvents(text: string): ProbeEvent[] {
  const events: ProbeEvent[] = [];
  for (const line of text.split('\n')) {
    try {
      const value: unknown = JSON.parse(line);
      if (EVENTS.includes((value as { event?: unknown } | null)?.event)) events.push(value as ProbeEvent);
    } catch {
      // Half a line, or none.
    }
  }
  return events;
}
