import { expect, test } from "vitest";
import { counted, duration, percent, rows } from "../src/format";

test("thousands are set apart by narrow spaces that do not break", () => {
  expect(rows(0)).toBe("0");
  expect(rows(999)).toBe("999");
  expect(rows(1234567)).toBe("1\u202f234\u202f567");
});

test("one row is singular", () => {
  expect(counted(1, "row")).toBe("1 row");
  expect(counted(2, "row")).toBe("2 rows");
});

test("durations use the two largest units", () => {
  expect(duration(8.4)).toBe("8 s");
  expect(duration(200)).toBe("3 min 20 s");
  expect(duration(7500)).toBe("2 h 5 min");
});

test("a hundred per cent is only shown when everything is done", () => {
  expect(percent(0.9999)).toBe("99\u202f%");
  expect(percent(1)).toBe("100\u202f%");
});
