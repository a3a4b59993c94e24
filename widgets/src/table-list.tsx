// One line per table; only the lines in sight are in the page, so ten thousand tables scroll as well as ten.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useMemo, useRef } from "react";
import { Bar } from "./bar";
import { rows } from "./format";
import { type Account, accounted, columnsOf, type TableState } from "./run-state";

const LINE_PIXELS = 34;
const TITLE_PIXELS = 28;
const LINES_IN_SIGHT = 12;
const VERDICTS: Record<string, string> = { equal: "\u2713 verified", different: "\u2717 different", not_verified: "not verified" };
const DOING: Record<string, string> = { copy: "copying", verify: "comparing", create: "creating", finish: "finishing" };

interface TableListProps {
  tables: readonly TableState[];
  underWay: boolean;
  closed: boolean;
}

export function TableList({ tables, underWay, closed }: TableListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useMemo(() => columnsOf(tables, underWay), [tables, underWay]);
  const height = TITLE_PIXELS + Math.min(tables.length, LINES_IN_SIGHT) * LINE_PIXELS;
  const lines = useVirtualizer({
    count: tables.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PIXELS,
    scrollMargin: TITLE_PIXELS,
    overscan: 6,
    initialRect: { width: 600, height },
  });
  return (
    <div
      ref={scroller}
      className="dms-tables"
      role="table"
      aria-label="Tables"
      aria-rowcount={tables.length + 1}
      tabIndex={tables.length > LINES_IN_SIGHT ? 0 : undefined}
      style={{ ...widths(tables, columns), height }}
    >
      <Titles columns={columns} closed={closed} />
      <div role="rowgroup" className="dms-lines" style={{ height: lines.getTotalSize() }}>
        {lines.getVirtualItems().map(({ index, start }) => {
          const table = tables[index];
          const top = start - TITLE_PIXELS;
          return table && <Line key={index} table={table} columns={columns} index={index} top={top} underWay={underWay} />;
        })}
      </div>
    </div>
  );
}

function Titles({ columns, closed }: { columns: readonly Account[]; closed: boolean }) {
  return (
    <div role="rowgroup" className="dms-head">
      <div role="row" aria-rowindex={1} className="dms-line">
        <span role="columnheader">Table</span>
        <span role="columnheader">Progress</span>
        <span role="columnheader">Read</span>
        {columns.map((name, place) => (
          <span role="columnheader" key={name}>
            {closed && <i aria-hidden="true">{place === 0 ? "=" : "+"}</i>}
            {name.charAt(0).toUpperCase() + name.slice(1)}
          </span>
        ))}
        <span role="columnheader">{closed ? "Verified" : "State"}</span>
      </div>
    </div>
  );
}

interface LineProps {
  table: TableState;
  columns: readonly Account[];
  index: number;
  top: number;
  underWay: boolean;
}

function Line({ table, columns, index, top, underWay }: LineProps) {
  const total = Math.max(table.rows_total, table.read);
  const share = total > 0 ? Math.min(1, accounted(table) / total) : table.closes ? 1 : null;
  const verified = table.verified === "equal" ? 1 : table.verified ? 0 : (table.share_compared ?? 0);
  const name = table.source === table.target ? table.source : `${table.source} \u2192 ${table.target}`;
  return (
    <div role="row" aria-rowindex={index + 2} className="dms-line" style={{ transform: `translateY(${top}px)` }} data-verdict={table.verified}>
      <span role="rowheader" className="dms-name" title={name}>
        {table.source}
        {table.source !== table.target && (
          <>
            <i> {"\u2192"} </i>
            {table.target}
          </>
        )}
      </span>
      <span role="cell">
        <Bar label={name} share={share} verified={verified} moving={underWay && table.phase !== ""} />
      </span>
      <Count value={table.closes === null ? Math.max(table.read, accounted(table)) : table.read} />
      {columns.map((account) => (
        <Count key={account} value={table[account]} tone={account === "quarantined" ? "warn" : undefined} />
      ))}
      <span role="cell" className="dms-verdict">
        {verdict(table, share, underWay)}
      </span>
    </div>
  );
}

function Count({ value, tone }: { value: number; tone?: string | undefined }) {
  return (
    <span role="cell" className="dms-count" data-zero={value === 0 ? "" : undefined} data-tone={value > 0 ? tone : undefined}>
      {rows(value)}
    </span>
  );
}

/** What is known of a table, in words. */
function verdict(table: TableState, share: number | null, underWay: boolean): string {
  if (table.closes === false) return "\u2260 does not close";
  if (table.verified) return VERDICTS[table.verified] ?? table.verified;
  if (underWay && table.phase) return DOING[table.phase] ?? table.phase;
  return share === 1 ? "copied" : "";
}

/** Columns as wide as their widest number, the same in every line. */
function widths(tables: readonly TableState[], columns: readonly Account[]): CSSProperties {
  const largest = (name: "read" | Account) =>
    tables.reduce((most, table) => Math.max(most, table[name], name === "read" ? table.rows_total : 0), 0);
  const count = (name: "read" | Account) => `${Math.max(name.length + 1, rows(largest(name)).length + 1)}ch`;
  const counts = (["read", ...columns] as const).map(count).join(" ");
  return { "--dms-columns": `minmax(10rem, 2.2fr) minmax(5rem, 1fr) ${counts} 8.5rem` } as CSSProperties;
}
