import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Autosave } from "./autosave";

interface Fields {
  name: string;
  text: string;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("joins changes that follow one another into one request", async () => {
  const save = vi.fn(async (_: Partial<Fields>) => {});
  const autosave = new Autosave<Fields>(save, 500);
  autosave.change({ name: "D" });
  await vi.advanceTimersByTimeAsync(300);
  autosave.change({ name: "Diwali" });
  autosave.change({ text: "Hi" });
  expect(autosave.read().state).toBe("waiting");
  await vi.advanceTimersByTimeAsync(500);
  expect(save.mock.calls).toEqual([[{ name: "Diwali", text: "Hi" }]]);
  expect(autosave.read().state).toBe("saved");
});

it("sends what was changed meanwhile after the request that is under way", async () => {
  const finish: (() => void)[] = [];
  const sent: Partial<Fields>[] = [];
  const autosave = new Autosave<Fields>((changes) => {
    sent.push(changes);
    return new Promise<void>((resolve) => finish.push(resolve));
  }, 500);
  autosave.change({ name: "One" });
  await vi.advanceTimersByTimeAsync(500);
  autosave.change({ name: "Two" });
  await vi.advanceTimersByTimeAsync(500);
  expect(sent).toEqual([{ name: "One" }]);
  finish[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual([{ name: "One" }, { name: "Two" }]);
  finish[1]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(autosave.isSaved).toBe(true);
});

it("keeps what could not be saved and sends it with the next change", async () => {
  const save = vi.fn(async (_: Partial<Fields>) => {});
  save.mockRejectedValueOnce(new Error("refused"));
  const autosave = new Autosave<Fields>(save, 500);
  autosave.change({ text: "{{ nmae }}" });
  expect(await autosave.flush()).toBe(false);
  expect(autosave.read()).toMatchObject({ state: "failed", error: new Error("refused") });
  autosave.change({ name: "Diwali" });
  expect(await autosave.flush()).toBe(true);
  expect(save).toHaveBeenLastCalledWith({ text: "{{ nmae }}", name: "Diwali" });
});

it("has nothing to do when nothing was changed", async () => {
  const save = vi.fn(async (_: Partial<Fields>) => {});
  expect(await new Autosave<Fields>(save).flush()).toBe(true);
  expect(save).not.toHaveBeenCalled();
});
