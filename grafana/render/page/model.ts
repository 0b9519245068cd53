/** A dashboard's JSON, as far as the pictures read it, and what they are drawn with. */
import type { DataTransformerConfig, FieldConfigSource } from '@grafana/data';

export interface Target {
  refId: string;
  expr: string;
  legendFormat?: string;
  format?: string;
  instant?: boolean;
}
export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: Target[];
  transformations?: DataTransformerConfig[];
  fieldConfig: FieldConfigSource;
  options: Record<string, unknown>;
}
export interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
  templating: { list: { name: string; label?: string; type: string }[] };
}

/** What the runner puts into the address of the page. */
export interface Scene {
  dashboard: string;
  theme: 'dark' | 'light';
  fromMs: number;
  toMs: number;
}

/** Everything that went wrong, for the runner to fail on. */
export const problems: string[] = [];
