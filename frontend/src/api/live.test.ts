import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keys } from "./keys";
import { Live } from "./live";

/** As browsers have it, driven by hand. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  static opened: Source[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    Source.opened.push(this);
  }

  close() {
    this.readyState = Source.CLOSED;
  }

  say(event: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }

  refuse() {
    this.readyState = Source.CLOSED;
    this.onerror?.();
  }
}

let client: QueryClient;
let live: Live;
let asked: number;

const last = () => Source.opened.at(-1) as Source;
const open = () => Source.opened.filter(({ readyState }) => readyState !== Source.CLOSED);

beforeEach(() => {
  vi.useFakeTimers();
  Source.opened = [];
  asked = 0;
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    return new Response(JSON.stringify({ csrf_token: "x" }));
  });
  client = new QueryClient();
  live = new Live(client);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("carries all topics in one stream, and closes it with the last", async () => {
  const stops = [live.listen("operations"), live.listen("campaign:7"), live.listen("dashboard:90")];
  await vi.advanceTimersByTimeAsync(100);
  expect(Source.opened.map(({ url }) => url)).toEqual([
    "/api/v1/stream?topics=campaign:7,dashboard,operations&days=90",
  ]);
  for (const stop of stops) stop();
  await vi.advanceTimersByTimeAsync(100);
  expect(open()).toEqual([]);
  expect(live.state).toBe("off");
});

it("opens nothing anew when a second component listens to the same", async () => {
  live.listen("operations");
  await vi.advanceTimersByTimeAsync(100);
  const stop = live.listen("operations");
  await vi.advanceTimersByTimeAsync(100);
  stop();
  await vi.advanceTimersByTimeAsync(100);
  expect(Source.opened).toHaveLength(1);
  expect(open()).toHaveLength(1);
});

it("puts what it is told into the cache", async () => {
  live.listen("campaign:7");
  await vi.advanceTimersByTimeAsync(100);
  last().say("campaign", { campaign_id: "7", stats: { delivered: 3 } });
  expect(client.getQueryData(keys.campaignStats("7"))).toEqual({ delivered: 3 });
});

it("renews the session and connects again after a refusal, more slowly each time", async () => {
  live.listen("operations");
  await vi.advanceTimersByTimeAsync(100);
  expect(live.state).toBe("opening");
  last().onopen?.();
  expect(live.state).toBe("live");
  last().refuse();
  expect(live.state).toBe("waiting");
  await vi.advanceTimersByTimeAsync(1_500);
  expect([asked, open().length]).toEqual([1, 1]);
  last().refuse();
  await vi.advanceTimersByTimeAsync(1_300);
  expect(open()).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(open()).toHaveLength(1);
});
