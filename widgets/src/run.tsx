// The run widget: watch a run, steer it, read its books.
import { createRender, useModelState } from "@anywidget/react";
import { useState } from "react";
import type { Command } from "./controls";
import type { Messages } from "./messages";
import "./run.css";
import type { RunState, TableState } from "./run-state";
import { RunView } from "./run-view";
import { Refusal, useSend, type WireError } from "./wire";

function Run() {
  const send = useSend<Messages>();
  const [state] = useModelState<RunState>("state");
  const [tables] = useModelState<TableState[]>("tables");
  const [still] = useModelState<string>("still");
  const [busy, setBusy] = useState<Command | null>(null);
  const [refusal, setRefusal] = useState<WireError | null>(null);

  const command = async (name: Command) => {
    setBusy(name);
    setRefusal(null);
    try {
      await send(name, { run_id: state.run_id });
    } catch (error) {
      setRefusal(error instanceof Refusal ? error.wire : { code: "", message: String(error), safe: "", next: "" });
    } finally {
      setBusy(null);
    }
  };
  return (
    <>
      <style>{`.${still}, .jp-OutputArea-child:has(> * .${still}) { display: none }`}</style>
      <RunView state={state} tables={tables} busy={busy} refusal={refusal} onCommand={(name) => void command(name)} />
    </>
  );
}

export default { render: createRender(Run) };
