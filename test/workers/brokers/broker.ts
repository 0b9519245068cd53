/** What a library of jobs talks to. */
export interface Broker {
  /** As the application is told it. */
  readonly url: string;
  close(): Promise<void>;
}
