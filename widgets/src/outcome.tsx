// The books of a finished run: read = written + unchanged + merged + filtered + quarantined.
import { counted, rows } from "./format";
import { NextCommand } from "./notice";
import { ACCOUNTS, type Account, type Books, type RunState } from "./run-state";

export function Outcome({ state }: { state: RunState }) {
  const { books, objects } = state;
  if (!books) return null;
  return (
    <div className="dms-outcome">
      <Equation books={books} />
      <p className="dms-quiet">{summary(state, books)}</p>
      {books.quarantined > 0 && <NextCommand label="The rows in quarantine" text={`dms runs quarantine ${state.run_id}`} />}
      {objects.left_out_count > 0 && (
        <details>
          <summary>{counted(objects.left_out_count, "object")} of the source left out</summary>
          <ul>
            {objects.left_out.map(({ kind, name, reason }, index) => (
              <li key={index}>
                {kind} <code>{name}</code>: {reason}
              </li>
            ))}
            {objects.left_out_count > objects.left_out.length && <li>{"\u2026"} and more: dms status {state.run_id}</li>}
          </ul>
        </details>
      )}
    </div>
  );
}

function Equation({ books }: { books: Books }) {
  const used = ACCOUNTS.filter((name) => name === "written" || books[name] > 0);
  return (
    <div className="dms-equation" role="group" aria-label={books.closes ? "The books close" : "The books do not close"}>
      <Term name="read" value={books.read} />
      {used.map((name, place) => (
        <Term key={name} name={name} value={books[name]} sign={place > 0 ? "+" : books.closes ? "=" : "\u2260"} />
      ))}
    </div>
  );
}

function Term({ name, value, sign }: { name: "read" | Account; value: number; sign?: string }) {
  return (
    <div className="dms-term" data-tone={name === "quarantined" ? "warn" : undefined}>
      {sign && <i aria-hidden="true">{sign}</i>}
      <span>
        <b>{rows(value)}</b>
        <small>{name}</small>
      </span>
    </div>
  );
}

function summary({ objects }: RunState, books: Books): string {
  const verified = [
    books.equal > 0 && `${rows(books.equal)} of ${counted(books.tables, "table")} verified`,
    books.different > 0 && `${rows(books.different)} different`,
    books.not_verified > 0 && `${rows(books.not_verified)} not verified`,
  ];
  const made = Object.entries(objects.counts).map(([outcome, count]) => count > 0 && `${counted(count, "object")} ${outcome}`);
  return [...verified, ...made].filter(Boolean).join(" \u00b7 ");
}
