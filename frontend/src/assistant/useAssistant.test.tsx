import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Card, Item } from "./model";
import { useAssistant } from "./useAssistant";
import { useKeptUp } from "./useKeptUp";

const item = (id: string, kind: Item["kind"], text = ""): Item => ({
  id,
  kind,
  text,
  stopped: false,
  card: null,
});

const card = (id: string, state: Card["state"]): Item => ({
  ...item(id, "card"),
  card: { title: "Create a segment", action: "Create", facts: [], texts: [], state, outcome: "", link: null },
});

/** What the conversation is, each time that it is asked for; the last answer stands. */
let kept: Item[][];
let answers: (signal: AbortSignal) => Response;

const problem = (status: number, detail: string) => new Response(JSON.stringify({ detail }), { status });

const frame = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** An answer that goes on until it breaks off in the given way. */
function streaming(frames: string[], broken: (body: ReadableStreamDefaultController) => void) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const each of frames) controller.enqueue(new TextEncoder().encode(each));
      setTimeout(() => broken(controller), 20);
    },
  });
  return new Response(body, { status: 200 });
}

beforeEach(() => {
  kept = [[]];
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method !== "GET") return answers(request.signal);
    const items = kept.length > 1 ? kept.shift() : kept[0];
    return new Response(JSON.stringify({ items }));
  });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function opened() {
  const client = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const invalidate = vi.spyOn(client, "invalidateQueries");
  const hook = renderHook(
    () => {
      const assistant = useAssistant();
      useKeptUp(true, assistant);
      return assistant;
    },
    { wrapper },
  );
  return { result: hook.result, invalidate };
}

async function showing(...items: Item[]) {
  kept = [items];
  const shown = opened();
  await waitFor(() => expect(shown.result.current.items).toEqual(items));
  return shown;
}

it("shows what was decided elsewhere when a decision comes too late", async () => {
  const { result, invalidate } = await showing(card("1", "waiting"));
  kept = [[card("1", "done")]];
  answers = () => problem(409, "This was decided before, or is no longer there.");
  act(() => result.current.decide("1", true));
  await waitFor(() => expect(result.current.items?.[0]?.card?.state).toBe("done"));
  expect(result.current.error).toMatchObject({ status: 409 });
  expect(invalidate).toHaveBeenCalledOnce();
});

it.each([409, 429, 503])("gives back what was written when the answer is %i", async (status) => {
  const { result } = await showing();
  answers = () => problem(status, "Not now.");
  act(() => result.current.write("Hello"));
  act(() => result.current.say("Hello"));
  await waitFor(() => expect(result.current.busy).toBe(false));
  expect(result.current.draft).toBe("Hello");
  expect(result.current.error).toMatchObject({ status });
});

it("gives back what was taken and then lost with its process", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { result } = await showing();
  const frames = [frame("item", item("1", "person", "Hello"))];
  answers = () => streaming(frames, (body) => body.error(new TypeError("network error")));
  act(() => result.current.write("Hello"));
  act(() => result.current.say("Hello"));
  await waitFor(() => expect(result.current.draft).toBe(""));
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(result.current.busy).toBe(false);
  expect(result.current.items).toEqual([]);
  expect(result.current.draft).toBe("Hello");
});

it("calls an answer cut off that ends in the middle, however it does", async () => {
  for (const broken of [
    (body: ReadableStreamDefaultController) => body.error(new TypeError("network error")),
    (body: ReadableStreamDefaultController) => body.close(),
  ]) {
    const said = [item("1", "person", "Hello"), { ...item("2", "assistant", "He"), stopped: true }];
    const { result } = await showing();
    kept = [said];
    answers = () => streaming([frame("item", said[0]), frame("item", item("2", "assistant", "He"))], broken);
    act(() => result.current.write("Hello"));
    act(() => result.current.say("Hello"));
    await waitFor(() => expect(result.current.busy).toBe(false));
    expect(result.current.error).toMatchObject({ title: "The answer was cut off" });
    await waitFor(() => expect(result.current.items).toEqual(said));
    expect(result.current.draft).toBe("");
    cleanup();
  }
});

it("waits for a deed that goes on when its answer is stopped", async () => {
  const { result } = await showing(card("1", "waiting"));
  answers = (signal) =>
    streaming([frame("item", card("1", "doing"))], (body) =>
      signal.addEventListener("abort", () => body.error(signal.reason)),
    );
  act(() => result.current.decide("1", true));
  await waitFor(() => expect(result.current.items?.[0]?.card?.state).toBe("doing"));
  await new Promise((goOn) => setTimeout(goOn, 40));
  kept = [[card("1", "doing")], [card("1", "doing")], [card("1", "done")]];
  act(() => result.current.stop());
  await waitFor(() => expect(result.current.items?.[0]?.card?.state).toBe("done"), { timeout: 3_000 });
  expect(result.current.error).toBeNull();
});

it("says what is sent right after a stop once what was said before is kept", async () => {
  const { result } = await showing();
  const said = [item("1", "person", "Story"), item("2", "assistant", "Once")];
  answers = (signal) =>
    streaming([frame("item", said[0]), frame("item", said[1])], (body) =>
      signal.addEventListener("abort", () => body.error(signal.reason)),
    );
  act(() => result.current.say("Story"));
  await waitFor(() => expect(result.current.items).toHaveLength(2));
  await new Promise((goOn) => setTimeout(goOn, 40));
  kept = [[item("1", "person", "Story")], said];
  act(() => result.current.stop());
  await waitFor(() => expect(result.current.busy).toBe(false));
  answers = () => streaming([frame("item", item("3", "person", "Go on")), frame("end", {})], () => {});
  act(() => result.current.say("Go on"));
  await waitFor(() => expect(result.current.items?.map(({ id }) => id)).toEqual(["1", "2", "3"]));
});

it("follows a deed that another window has begun, to its end", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  kept = [[card("1", "doing")], [card("1", "done")]];
  const { result } = opened();
  await waitFor(() => expect(result.current.items?.[0]?.card?.state).toBe("doing"));
  await act(() => vi.advanceTimersByTimeAsync(5_000));
  expect(result.current.items?.[0]?.card?.state).toBe("done");
});

it("is read anew when one comes back to the window", async () => {
  const { result } = await showing(card("1", "waiting"));
  kept = [[card("1", "declined")]];
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
  await waitFor(() => expect(result.current.items?.[0]?.card?.state).toBe("declined"));
});

it("keeps what somebody goes on to write while they wait", async () => {
  const { result } = await showing();
  const said = item("1", "person", "Hello");
  answers = () => streaming([frame("item", said), frame("end", {})], (body) => body.close());
  act(() => result.current.write("Hello"));
  act(() => {
    result.current.say("Hello");
    result.current.write("And another thing");
  });
  await waitFor(() => expect(result.current.items).toEqual([said]));
  expect(result.current.draft).toBe("And another thing");
});
