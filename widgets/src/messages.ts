// Made by `python -m dms_workbench.surfaces.widgets.generate` from the Python messages. Do not edit.

/** Stop a run at the next safe point; what is committed stays, and the run can still be resumed. */
export interface CancelRun {
  /** the run to cancel. */
  run_id: string;
}

/** Pause a run at the next safe point, within 2 seconds; what is committed stays and is not repeated. */
export interface PauseRun {
  /** the run to pause. */
  run_id: string;
}

/** Go on with a paused, interrupted, cancelled or failed run where its last commit left it. */
export interface ResumeRun {
  /** the run to resume. One that is queued or running is only returned. */
  run_id: string;
}

/** A run as it stands now. */
export interface Run {
  id: string;
  project_id: string;
  plan_id: string;
  kind: string;
  status: string;
  wish: string;
  phase: string;
  settings: RunSettings;
  resume_key: string;
  created_at: string;
  created_by: string;
  started_at?: string | null;
  finished_at?: string | null;
  heard_at?: string | null;
  seconds?: number;
  attempts?: number;
  already_done?: boolean;
  request_key?: string;
  tables?: TableProgress[];
  result?: Record<string, unknown> | null;
  error?: Record<string, unknown> | null;
}

/** How a run is carried out; none of it is part of the resume key. */
export interface RunSettings {
  on_reject?: "quarantine" | "stop";
  max_rejects?: number | null;
  lanes?: number | null;
  chunk_rows?: number | null;
  new_run?: boolean;
  verify?: boolean;
  push_down?: boolean;
  patience_seconds?: number;
  stall_seconds?: number;
  max_rows_per_second?: number | null;
  max_lanes?: number | null;
  max_lock_wait_seconds?: number | null;
  max_lag_seconds?: number | null;
  max_active_sessions?: number | null;
  max_transaction_seconds?: number | null;
  executor?: "local" | "dask";
  scheduler?: string | null;
  tls_ca?: string | null;
  tls_cert?: string | null;
  tls_key?: string | null;
  parent_run_id?: string | null;
  cause?: string;
  expression?: string | null;
  column?: string | null;
  also?: string[];
  preview?: boolean;
  delete_extra?: boolean;
  list_differences?: boolean;
}

/** How far one table map is; counts are in rows. */
export interface TableProgress {
  map_no: number;
  source: string;
  target: string;
  phase?: string;
  rows_total?: number;
  read?: number;
  written?: number;
  filtered?: number;
  quarantined?: number;
  verified_rows?: number;
  row_bytes?: number;
}

/** Each message by its name: its fields and its result. */
export interface Messages {
  CancelRun: { fields: CancelRun; result: Run };
  PauseRun: { fields: PauseRun; result: Run };
  ResumeRun: { fields: ResumeRun; result: Run };
}
