import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ANSWER_MILLISECONDS, Refusal, Wire } from "../src/wire";

class Kernel {
  sent: { id: string; name: string; fields: object }[] = [];
  listeners: ((answer: unknown) => void)[] = [];
  send = (content: unknown) => void this.sent.push(content as Kernel["sent"][number]);
  on = (_event: string, listener: (answer: unknown) => void) => void this.listeners.push(listener);
  off = (_event?: string | null, listener?: unknown) => void (this.listeners = this.listeners.filter((one) => one !== listener));
  answer(content: unknown) {
    for (const listener of this.listeners) listener(content);
  }
}

let kernel: Kernel;
let wire: Wire;
let close: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  kernel = new Kernel();
  wire = new Wire(kernel as never);
  close = wire.open();
});
afterEach(() => {
  close();
  vi.useRealTimers();
});

test("answers reach the question with their id, in any order", async () => {
  const first = wire.send("PauseRun", { run_id: "a" });
  const second = wire.send("PauseRun", { run_id: "b" });
  expect(kernel.sent.map(({ name, fields }) => [name, fields])).toEqual([
    ["PauseRun", { run_id: "a" }],
    ["PauseRun", { run_id: "b" }],
  ]);
  kernel.answer({ id: kernel.sent[1]?.id, result: 2 });
  kernel.answer({ id: kernel.sent[0]?.id, result: 1 });
  expect(await Promise.all([first, second])).toEqual([1, 2]);
});

test("an error of the kernel comes back as a refusal with its sentences", async () => {
  const question = wire.send("PauseRun", { run_id: "a" });
  kernel.answer({ id: kernel.sent[0]?.id, error: { code: "run-not-active", message: "Run a is paused.", safe: "s", next: "n" } });
  await expect(question).rejects.toMatchObject({ message: "Run a is paused.", wire: { code: "run-not-active", next: "n" } });
});

test("a kernel that does not answer is a refusal that says so", async () => {
  const question = wire.send("PauseRun", { run_id: "a" });
  const refused = expect(question).rejects.toBeInstanceOf(Refusal);
  vi.advanceTimersByTime(ANSWER_MILLISECONDS);
  await refused;
});

test("answers to nobody and messages of others are ignored", () => {
  expect(() => kernel.answer(null)).not.toThrow();
  expect(() => kernel.answer({ id: "unknown", result: 1 })).not.toThrow();
});

test("a closed wire listens no longer", () => {
  close();
  expect(kernel.listeners).toEqual([]);
});
