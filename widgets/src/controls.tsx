// Pause, resume, cancel; cancelling asks first, in place.
import { useEffect, useRef, useState } from "react";
import type { RunState } from "./run-state";

export type Command = "PauseRun" | "ResumeRun" | "CancelRun";

interface ControlsProps {
  can: RunState["can"];
  busy: Command | null;
  onCommand: (command: Command) => void;
}

export function Controls({ can, busy, onCommand }: ControlsProps) {
  const [asking, setAsking] = useState(false);
  const cancel = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  useEffect(() => {
    if (wasAsking.current && !asking) cancel.current?.focus();
    wasAsking.current = asking;
  }, [asking]);
  if (asking && can.cancel) {
    return <Question onNo={() => setAsking(false)} onYes={() => (setAsking(false), onCommand("CancelRun"))} />;
  }
  return (
    <div className="dms-controls" role="group" aria-label="Steer the run">
      {can.pause && <Button name="PauseRun" label="Pause" busy={busy} onCommand={onCommand} />}
      {can.resume && <Button name="ResumeRun" label="Resume" busy={busy} onCommand={onCommand} />}
      {can.cancel && (
        <button type="button" ref={cancel} className="dms-button" disabled={busy !== null} onClick={() => setAsking(true)}>
          Cancel{"\u2026"}
        </button>
      )}
    </div>
  );
}

interface ButtonProps {
  name: Command;
  label: string;
  busy: Command | null;
  onCommand: (command: Command) => void;
}

function Button({ name, label, busy, onCommand }: ButtonProps) {
  return (
    <button
      type="button"
      className="dms-button dms-primary"
      disabled={busy !== null}
      aria-busy={busy === name}
      onClick={() => onCommand(name)}
    >
      {label}
    </button>
  );
}

function Question({ onYes, onNo }: { onYes: () => void; onNo: () => void }) {
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => no.current?.focus(), []);
  return (
    <div
      className="dms-controls"
      role="alertdialog"
      aria-label="Cancel this run?"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onNo();
      }}
    >
      <span className="dms-question">Cancel this run? Committed rows stay in the target.</span>
      <button type="button" className="dms-button dms-danger" onClick={onYes}>
        Cancel the run
      </button>
      <button type="button" className="dms-button" ref={no} onClick={onNo}>
        Keep it
      </button>
    </div>
  );
}
