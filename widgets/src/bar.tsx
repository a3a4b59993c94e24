// A progress bar of two layers: rows accounted for, and over them rows compared.
import { percent } from "./format";

interface BarProps {
  label: string;
  share: number | null;
  verified?: number;
  moving?: boolean;
}

export function Bar({ label, share, verified = 0, moving = false }: BarProps) {
  const known = share !== null;
  return (
    <div
      className="dms-bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known ? Math.floor(share * 100) : undefined}
      aria-valuetext={known ? percent(share) + (verified > 0 ? `, ${percent(verified)} compared` : "") : "not known yet"}
      data-moving={moving && !known ? "" : undefined}
    >
      <div className="dms-bar-done" style={{ transform: `scaleX(${share ?? 0})` }} />
      <div className="dms-bar-verified" style={{ transform: `scaleX(${verified})` }} />
    </div>
  );
}
