import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Removals, UNDO_MS } from "./removals";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("sends after a while", () => {
  const sent: string[] = [];
  new Removals().add("a", () => sent.push("a"));
  vi.advanceTimersByTime(UNDO_MS - 1);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual(["a"]);
});

it("sends nothing that was taken back", () => {
  const sent: string[] = [];
  const removals = new Removals();
  removals.add("a", () => sent.push("a"));
  expect(removals.undo("a")).toBe(true);
  vi.advanceTimersByTime(UNDO_MS * 2);
  removals.flush();
  expect(sent).toEqual([]);
  expect(removals.undo("a")).toBe(false);
});

it("sends everything once when the page is left", () => {
  const sent: string[] = [];
  const removals = new Removals();
  for (const id of ["a", "b"]) removals.add(id, () => sent.push(id));
  removals.flush();
  vi.advanceTimersByTime(UNDO_MS * 2);
  expect(sent).toEqual(["a", "b"]);
});
