import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, renderHook, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { UNDO_MS } from "./removals";
import { useUndoableDelete } from "./useUndoableDelete";

let sent: string[];
let client: QueryClient;

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  sent = [];
  client = new QueryClient();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function Around({ children }: { children: ReactNode }) {
  return (
    <MantineProvider>
      <Notifications />
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </MantineProvider>
  );
}

function list(send: (id: string) => Promise<unknown> = async (id) => sent.push(id)) {
  const choices = { send, changes: [["segments"]] };
  return renderHook(() => useUndoableDelete(choices), { wrapper: Around });
}

it("hides at once and sends later", async () => {
  const { result } = list();
  act(() => result.current.remove("a", "Segment “Lapsed”"));
  expect([...result.current.hidden]).toEqual(["a"]);
  expect(sent).toEqual([]);
  await act(() => vi.advanceTimersByTimeAsync(UNDO_MS));
  expect(sent).toEqual(["a"]);
  expect([...result.current.hidden]).toEqual(["a"]);
});

it("shows again what was taken back, and sends nothing", async () => {
  const { result } = list();
  act(() => result.current.remove("a", "Segment “Lapsed”"));
  expect(await screen.findByText("Segment “Lapsed” deleted")).toBeTruthy();
  fireEvent.click(screen.getByText("Undo"));
  expect([...result.current.hidden]).toEqual([]);
  await act(() => vi.advanceTimersByTimeAsync(UNDO_MS * 2));
  expect(sent).toEqual([]);
});

it("shows again what could not be deleted", async () => {
  const { result } = list(() => Promise.reject(new Problem(409, "Not possible", "A campaign uses it.")));
  act(() => result.current.remove("a", "Segment"));
  await act(() => vi.advanceTimersByTimeAsync(UNDO_MS));
  expect([...result.current.hidden]).toEqual([]);
  expect(await screen.findByText("A campaign uses it.")).toBeTruthy();
});

it("sends when the page is left, in either way", () => {
  const first = list();
  act(() => first.result.current.remove("a", "Segment"));
  first.unmount();
  const second = list();
  act(() => second.result.current.remove("b", "Segment"));
  window.dispatchEvent(new Event("pagehide"));
  expect(sent).toEqual(["a", "b"]);
});
