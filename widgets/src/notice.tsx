// What went wrong: what happened, what is safe, and the next command to copy.
import { useState } from "react";

interface NoticeProps {
  tone: "bad" | "warn";
  message: string;
  safe?: string;
  next?: string;
}

export function Notice({ tone, message, safe = "", next = "" }: NoticeProps) {
  return (
    <div className="dms-notice" data-tone={tone} role={tone === "bad" ? "alert" : "status"}>
      <p className="dms-strong">{message}</p>
      {safe && <p>{safe}</p>}
      {next && <NextCommand text={next} />}
    </div>
  );
}

export function NextCommand({ text, label = "Next" }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard?.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return (
    <p className="dms-next">
      <span>{label}</span>
      <code>{text}</code>
      <button type="button" className="dms-button dms-small" onClick={copy}>
        {copied ? "Copied" : "Copy"}
      </button>
    </p>
  );
}
