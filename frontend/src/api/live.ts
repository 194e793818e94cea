import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { keys } from "./keys";
import { readSession } from "./session";

/** What can be listened to; `dashboard:30` is the dashboard of 30 days. */
export type Topic = `dashboard:${number}` | "operations" | "campaigns" | `campaign:${string}`;

/** `off`: nobody listens. `opening`: for the first time. `waiting`: the connection was lost or refused. */
export type LiveState = "off" | "opening" | "live" | "waiting";

const FIRST_PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 30_000;
/** Pages come and go together: their topics are joined before the stream is opened. */
const SETTLE_MS = 60;

/** Where the data of each event goes in the cache. */
const INTO_CACHE: Record<string, (client: QueryClient, data: never, live: Live) => void> = {
  dashboard: (client, data, live) => client.setQueryData(keys.dashboard(live.days), data),
  operations: (client, data) => client.setQueryData(keys.operations, data),
  campaigns: (client, data) => client.setQueryData(keys.campaignsProgress, data),
  campaign: (client, { campaign_id, stats }: { campaign_id: string; stats: unknown }) =>
    client.setQueryData(keys.campaignStats(campaign_id), stats),
};

/** The tab's one stream. It carries the topics somebody listens to and heals by itself. */
export class Live {
  days = 30;
  #topics = new Map<Topic, number>();
  #source: EventSource | null = null;
  #address = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #state: LiveState = "off";
  #watchers = new Set<() => void>();
  #client: QueryClient;

  constructor(client: QueryClient) {
    this.#client = client;
    globalThis.addEventListener?.("online", () => this.#hurry());
    globalThis.document?.addEventListener("visibilitychange", () => this.#hurry());
  }

  get state(): LiveState {
    return this.#state;
  }

  watch = (act: () => void): (() => void) => {
    this.#watchers.add(act);
    return () => this.#watchers.delete(act);
  };

  /** Listens until the returned function is called. */
  listen(topic: Topic): () => void {
    this.#topics.set(topic, (this.#topics.get(topic) ?? 0) + 1);
    this.#later(SETTLE_MS);
    return () => {
      const left = (this.#topics.get(topic) ?? 1) - 1;
      if (left > 0) this.#topics.set(topic, left);
      else this.#topics.delete(topic);
      this.#later(SETTLE_MS);
    };
  }

  #later(ms: number) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), ms);
  }

  #open() {
    const address = this.#wanted();
    if (address === this.#address && this.#source?.readyState !== EventSource.CLOSED) return;
    this.#close();
    this.#address = address;
    if (address === "") return this.#become("off");
    if (this.#state === "off") this.#become("opening");
    const source = new EventSource(address);
    this.#source = source;
    source.onopen = () => {
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#become("live");
    };
    source.onerror = () => this.#lost(source);
    for (const [event, keep] of Object.entries(INTO_CACHE)) {
      source.addEventListener(event, (message) =>
        keep(this.#client, JSON.parse(message.data) as never, this),
      );
    }
  }

  /** The address of the stream for the present topics, "" without any. */
  #wanted(): string {
    const names = [...this.#topics.keys()].sort().map((topic) => {
      if (!topic.startsWith("dashboard:")) return topic;
      this.days = Number(topic.slice("dashboard:".length));
      return "dashboard";
    });
    if (names.length === 0) return "";
    const days = names.includes("dashboard") ? `&days=${this.days}` : "";
    return `/api/v1/stream?topics=${[...new Set(names)].join(",")}${days}`;
  }

  /** A browser connects again by itself after a cut, but not after a refusal: then the session may be old. */
  #lost(source: EventSource) {
    if (source !== this.#source) return;
    this.#become("waiting");
    if (source.readyState !== EventSource.CLOSED) return;
    const pause = this.#pauseMs * (0.75 + Math.random() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, MOST_PAUSE_MS);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      readSession()
        .catch(() => undefined)
        .finally(() => this.#open());
    }, pause);
  }

  /** Somebody looks again, or the network is back: no use in waiting out a pause. */
  #hurry() {
    if (document.hidden || this.#source?.readyState !== EventSource.CLOSED) return;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#later(0);
  }

  #close() {
    this.#source?.close();
    this.#source = null;
    this.#address = "";
  }

  #become(state: LiveState) {
    if (state === this.#state) return;
    this.#state = state;
    for (const act of this.#watchers) act();
  }
}

let shared: Live | null = null;

function liveOf(client: QueryClient): Live {
  shared ??= new Live(client);
  return shared;
}

/**
 * Listens to topics for as long as the component is there; what they tell lands in the query cache
 * (`keys.dashboard(days)`, `keys.operations`, `keys.campaignsProgress`, `keys.campaignStats(id)`).
 * Ask the first state with a query of the same key and `refetchInterval: useLive(...) === "live" ? false : 15_000`.
 */
export function useLive(...topics: (Topic | null)[]): LiveState {
  const live = liveOf(useQueryClient());
  const joined = topics.filter((topic) => topic !== null).join(" ");
  useEffect(() => {
    const leave = joined === "" ? [] : joined.split(" ").map((topic) => live.listen(topic as Topic));
    return () => {
      for (const stop of leave) stop();
    };
  }, [live, joined]);
  return useSyncExternalStore(live.watch, () => live.state);
}
