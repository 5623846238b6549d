// Where output goes, and how much of it. Types only.

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface OutputOptions {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
  progress: boolean;
  /** RECONCILE_DEBUG is set: stack traces, please. */
  debug: boolean;
}
