// The traits of RunWidget, as dms_workbench/surfaces/widgets/run_state.py makes them.
export interface RunError {
  code: string;
  message: string;
  where: string;
  safe: string;
  next: string;
}

export interface Accounts {
  read: number;
  written: number;
  unchanged: number;
  merged: number;
  filtered: number;
  quarantined: number;
}

export interface Books extends Accounts {
  closes: boolean;
  tables: number;
  equal: number;
  different: number;
  not_verified: number;
}

export interface LeftOut {
  kind: string;
  name: string;
  reason: string;
}

export interface RunState {
  run_id: string;
  title: string;
  status: string;
  word: string;
  tone: "quiet" | "active" | "good" | "warn" | "bad";
  sentence: string;
  phase: string;
  as_of: string;
  started_at: string | null;
  finished_at: string | null;
  seconds: number;
  rows_total: number;
  rows_done: number;
  rows_compared: number;
  rows_to_compare: number;
  share: number | null;
  rows_per_second: number | null;
  seconds_left: number | null;
  can: { pause: boolean; resume: boolean; cancel: boolean };
  counts_rows: boolean; // false: neither a bar nor figures of copied rows say how it stands
  told: string[]; // what belongs to the line before begins with a space
  books: Books | null;
  objects: { counts: Record<string, number>; left_out_count: number; left_out: LeftOut[] };
  error: RunError | null;
  trouble: string;
}

export interface TableState extends Accounts {
  source: string;
  target: string;
  phase: string;
  rows_total: number;
  share_compared: number | null;
  verified: "" | "equal" | "different" | "not_verified";
  closes: boolean | null;
}

export const ACCOUNTS = ["written", "unchanged", "merged", "filtered", "quarantined"] as const;
export type Account = (typeof ACCOUNTS)[number];

/** Rows of which it is said what became of them. */
export function accounted(table: Accounts): number {
  return ACCOUNTS.reduce((sum, name) => sum + table[name], 0);
}

/** The accounts worth a column: written always; while a run is under way also filtered and quarantined. */
export function columnsOf(tables: readonly Accounts[], underWay: boolean): Account[] {
  const always: readonly string[] = underWay ? ["written", "filtered", "quarantined"] : ["written"];
  return ACCOUNTS.filter((name) => always.includes(name) || tables.some((table) => table[name] > 0));
}
