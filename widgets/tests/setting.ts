// Values the tests share.
import type { RunState, TableState } from "../src/run-state";

export const RUN_ID = "0196f3a2-7c41-7d10-9b52-5a3e8f10c2d4";

export function stateWith(changes: Partial<RunState> = {}): RunState {
  return {
    run_id: RUN_ID,
    title: "Migration",
    status: "running",
    word: "Running",
    tone: "active",
    sentence: "Copying rows.",
    phase: "copy",
    as_of: new Date().toISOString(),
    started_at: "2026-11-22T07:00:00+00:00",
    finished_at: null,
    seconds: 12,
    rows_total: 1000,
    rows_done: 250,
    rows_compared: 0,
    rows_to_compare: 1990,
    share: 0.25,
    rows_per_second: 12345,
    seconds_left: 200,
    can: { pause: true, resume: false, cancel: true },
    counts_rows: true,
    told: [],
    books: null,
    objects: { counts: { created: 0, altered: 0, present: 0 }, left_out_count: 0, left_out: [] },
    error: null,
    trouble: "",
    ...changes,
  };
}

export function tableWith(changes: Partial<TableState> = {}): TableState {
  return {
    source: "tbl_ord",
    target: "orders",
    phase: "copy",
    rows_total: 1000,
    read: 250,
    written: 240,
    unchanged: 0,
    merged: 0,
    filtered: 7,
    quarantined: 3,
    share_compared: 0,
    verified: "",
    closes: null,
    ...changes,
  };
}
