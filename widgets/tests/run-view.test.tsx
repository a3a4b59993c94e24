import { act, cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { RunState, TableState } from "../src/run-state";
import { RunView } from "../src/run-view";
import { RUN_ID, stateWith, tableWith } from "./setting";

afterEach(cleanup);

function show(state: Partial<RunState> = {}, tables: TableState[] = [tableWith()]) {
  const onCommand = vi.fn();
  render(<RunView state={stateWith(state)} tables={tables} busy={null} refusal={null} onCommand={onCommand} />);
  return onCommand;
}

const finished: Partial<RunState> = {
  status: "succeeded_with_quarantine",
  word: "Succeeded with quarantine",
  tone: "warn",
  can: { pause: false, resume: false, cancel: false },
  books: { read: 1000, written: 990, unchanged: 0, merged: 0, filtered: 7, quarantined: 3, closes: true, tables: 1, equal: 1, different: 0, not_verified: 0 },
};

test("the status is a word, not only a colour", () => {
  show();
  expect(screen.getByRole("status").textContent).toContain("Running");
});

test("the whole and each table have a labelled progress bar", () => {
  show();
  expect(screen.getByRole("progressbar", { name: "All tables" }).getAttribute("aria-valuenow")).toBe("25");
  expect(screen.getByRole("progressbar", { name: "tbl_ord \u2192 orders" }).getAttribute("aria-valuetext")).toBe("25\u202f%");
});

test("while verifying the figures count the rows of both sides", () => {
  show({ phase: "verify", share: 1, rows_done: 1000, rows_compared: 995, rows_to_compare: 1990 });
  expect(screen.getByText("50 %")).toBeTruthy();
  expect(screen.getByText("995 of 1 990 rows of both sides compared")).toBeTruthy();
});

test("pace and time left are shown", () => {
  show();
  expect(screen.getByText("12 345 rows/s \u00b7 about 3 min 20 s left")).toBeTruthy();
});

test("a table's line shows rows read, written, filtered and quarantined", () => {
  show();
  const cells = within(screen.getAllByRole("row")[1] as HTMLElement).getAllByRole("cell");
  expect(cells.map((cell) => cell.textContent)).toEqual(["", "250", "240", "7", "3", "copying"]);
});

test("pause is one click", async () => {
  const onCommand = show();
  await userEvent.click(screen.getByRole("button", { name: "Pause" }));
  expect(onCommand).toHaveBeenCalledExactlyOnceWith("PauseRun");
});

test("cancel asks first, with the harmless answer under the focus", async () => {
  const onCommand = show();
  await userEvent.click(screen.getByRole("button", { name: "Cancel\u2026" }));
  expect(onCommand).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Keep it" }));
  await userEvent.click(screen.getByRole("button", { name: "Cancel the run" }));
  expect(onCommand).toHaveBeenCalledExactlyOnceWith("CancelRun");
});

test("escape keeps the run and gives the focus back", async () => {
  const onCommand = show();
  await userEvent.click(screen.getByRole("button", { name: "Cancel\u2026" }));
  await userEvent.keyboard("{Escape}");
  expect(onCommand).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Cancel\u2026" }));
});

test("every control is reached by the tabulator key", async () => {
  show({ can: { pause: true, resume: true, cancel: true } });
  const reached: (string | null)[] = [];
  for (let step = 0; step < 3; step++) {
    await userEvent.tab();
    reached.push(document.activeElement?.textContent ?? null);
  }
  expect(reached).toEqual(["Pause", "Resume", "Cancel\u2026"]);
});

test("a finished run shows its books and no buttons", () => {
  show(finished, [tableWith({ read: 1000, written: 990, verified: "equal", closes: true })]);
  const books = screen.getByRole("group", { name: "The books close" });
  expect(books.textContent).toBe("1\u202f000read=990written+7filtered+3quarantined");
  expect(screen.queryByRole("button", { name: "Pause" })).toBeNull();
  expect(screen.getByText("\u2713 verified")).toBeTruthy();
  expect(screen.getByText(`dms runs quarantine ${RUN_ID}`)).toBeTruthy();
});

test("books that do not close say so", () => {
  const books = { ...(finished.books as NonNullable<RunState["books"]>), written: 980, closes: false };
  show({ ...finished, books }, [tableWith({ read: 1000, written: 980, closes: false })]);
  expect(screen.getByRole("group", { name: "The books do not close" })).toBeTruthy();
  expect(screen.getByText("\u2260 does not close")).toBeTruthy();
});

test("an error shows what happened, what is safe and the next command", () => {
  const error = { code: "x", message: "The target is full.", where: "", safe: "Committed rows stay.", next: "dms doctor" };
  show({ status: "failed", word: "Failed", tone: "bad", error, can: { pause: false, resume: true, cancel: false } });
  expect(screen.getByRole("alert").textContent).toContain("The target is full.Committed rows stay.Nextdms doctor");
});

test("names that look like markup stay text", () => {
  const name = "<img src=x onerror=alert(1)>";
  show({}, [tableWith({ source: name, target: name })]);
  expect(document.querySelector("img")).toBeNull();
  expect(screen.getByText(name)).toBeTruthy();
});

test("of thousands of tables only those in sight are in the page", () => {
  const many = Array.from({ length: 5000 }, (_, index) => tableWith({ source: `t${index}`, target: `t${index}` }));
  show({}, many);
  expect(screen.getByRole("table").getAttribute("aria-rowcount")).toBe("5001");
  expect(screen.getAllByRole("row").length).toBeLessThan(60);
});

test("a queued run without tables is not an empty frame", () => {
  show({ status: "queued", word: "Queued", tone: "quiet", sentence: "Waiting for a worker to take it.", share: null, rows_total: 0 }, []);
  expect(screen.getByText("Waiting for a worker to take it.")).toBeTruthy();
  expect(screen.getByText("Counting the rows")).toBeTruthy();
});

test("a kernel that has gone silent is told of", () => {
  vi.useFakeTimers();
  show();
  vi.setSystemTime(Date.now() + 60_000);
  act(() => void vi.advanceTimersByTime(5_000));
  vi.useRealTimers();
  expect(screen.getByText(/No news for 1 min 5 s/)).toBeTruthy();
});

test("an undo says line by line what it took back, and shows no bar of copied rows", () => {
  show({ status: "succeeded", title: "Undo", counts_rows: false, told: ["orders: 5 rows of the run taken out", "  proof: empty, as before"] }, []);
  const lines = within(screen.getByRole("list", { name: /taken back/ })).getAllByRole("listitem");
  expect(lines.map((line) => line.textContent)).toEqual(["orders: 5 rows of the run taken out", "proof: empty, as before"]);
  expect(lines.map((line) => line.hasAttribute("data-nested"))).toEqual([false, true]);
  expect(screen.queryByRole("progressbar")).toBeNull();
});
