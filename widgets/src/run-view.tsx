// How a run looks; knows nothing of the kernel.
import { useEffect, useState } from "react";
import { Bar } from "./bar";
import { type Command, Controls } from "./controls";
import { duration, percent, rows } from "./format";
import { Notice } from "./notice";
import { Outcome } from "./outcome";
import type { RunState, TableState } from "./run-state";
import { TableList } from "./table-list";
import type { WireError } from "./wire";

const SILENT_SECONDS = 20;
const SIGNS = { quiet: "\u25cb", active: "\u25cf", good: "\u2713", warn: "!", bad: "\u2717" };

interface RunViewProps {
  state: RunState;
  tables: readonly TableState[];
  busy: Command | null;
  refusal: WireError | null;
  onCommand: (command: Command) => void;
}

export function RunView({ state, tables, busy, refusal, onCommand }: RunViewProps) {
  const underWay = state.status === "queued" || state.status === "running";
  const silence = useSilence(state.as_of, underWay);
  return (
    <section
      className="dms-run"
      aria-label={`${state.title} ${state.run_id}: ${state.word}`}
      data-tone={state.tone}
      data-lm-suppress-shortcuts="true" // else JupyterLab takes Enter and Space away from the buttons
    >
      <header>
        <h3>{state.title}</h3>
        <span className="dms-pill" role="status" data-tone={state.tone}>
          <i aria-hidden="true">{SIGNS[state.tone]}</i>
          <span>{state.word}</span>
        </span>
        <code className="dms-id">{state.run_id}</code>
        <Controls can={state.can} busy={busy} onCommand={onCommand} />
      </header>
      <p className="dms-sentence">{state.error ? "" : state.sentence}</p>
      {refusal && <Notice tone="bad" {...refusal} />}
      {state.error && <Notice tone={state.status === "interrupted" ? "warn" : "bad"} {...state.error} />}
      {state.trouble && <Notice tone="warn" message={state.trouble} />}
      {silence > SILENT_SECONDS && !state.trouble && (
        <Notice tone="warn" message={`No news for ${duration(silence)}: the kernel is busy or gone. The run goes on without it.`} />
      )}
      {state.books ? <Outcome state={state} /> : state.counts_rows && <Overall state={state} underWay={underWay} />}
      {state.told.length > 0 && <Told lines={state.told} />}
      {tables.length > 0 && <TableList tables={tables} underWay={underWay} closed={state.books !== null} />}
      <Times state={state} tables={tables.length} />
    </section>
  );
}

function Overall({ state, underWay }: { state: RunState; underWay: boolean }) {
  const comparing = state.rows_compared > 0 && state.rows_to_compare > 0;
  const compared = comparing ? Math.min(1, state.rows_compared / state.rows_to_compare) : 0;
  const share = comparing ? compared : state.share;
  const [done, total] = comparing ? [state.rows_compared, state.rows_to_compare] : [state.rows_done, state.rows_total];
  const pace = [
    state.rows_per_second !== null && state.status === "running" && `${rows(state.rows_per_second)} rows/s`,
    state.seconds_left !== null && state.status === "running" && `about ${duration(state.seconds_left)} left`,
  ].filter(Boolean);
  return (
    <div className="dms-overall">
      <div className="dms-figures">
        {share === null ? <span>{underWay ? "Counting the rows" : "No row was read"}</span> : <b>{percent(share)}</b>}
        {share !== null && (
          <span>
            {rows(done)} of {rows(total)} rows {comparing ? "of both sides compared" : "copied"}
          </span>
        )}
        <span className="dms-pace">{pace.join(" \u00b7 ")}</span>
      </div>
      <Bar label="All tables" share={state.share} verified={compared} moving={underWay} />
    </div>
  );
}

function Told({ lines }: { lines: readonly string[] }) {
  return (
    <ul className="dms-told" aria-label="What was taken back, or would be" tabIndex={0}>
      {lines.map((line, index) => (
        <li key={index} data-nested={line.startsWith(" ") || undefined}>
          {line.trim()}
        </li>
      ))}
    </ul>
  );
}

function Times({ state, tables }: { state: RunState; tables: number }) {
  const parts = [
    tables > 0 && `${rows(tables)} ${tables === 1 ? "table" : "tables"}`,
    state.seconds > 0 && (state.finished_at ? `took ${duration(state.seconds)}` : `${duration(state.seconds)} so far`),
    state.started_at && `started ${clock(state.started_at)}`,
    `as of ${clock(state.as_of)}`,
  ];
  return <footer>{parts.filter(Boolean).join(" \u00b7 ")}</footer>;
}

/** A time of day in the reader's own zone, with the date unless it is today. */
function clock(iso: string): string {
  const time = new Date(/Z$|[+-]\d\d:\d\d$/.test(iso) ? iso : `${iso}Z`);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const hour = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return time.toDateString() === new Date().toDateString() ? hour : `${day} ${hour}`;
}

/** Seconds since the last sign of the kernel, while there should be one every second. */
function useSilence(asOf: string, expected: boolean): number {
  const [silence, setSilence] = useState(0);
  useEffect(() => {
    setSilence(0);
    if (!expected) return;
    const heard = Date.now();
    const timer = setInterval(() => setSilence((Date.now() - heard) / 1000), 5000);
    return () => clearInterval(timer);
  }, [asOf, expected]);
  return silence;
}
