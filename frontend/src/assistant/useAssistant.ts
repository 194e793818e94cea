import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { continued, type Item, isMoreDone, stopped, type Told } from "./model";
import { decide, dropConversation, fetchItems, say } from "./requests";
import { settled } from "./settling";

export interface Assistant {
  /** null until they are read. */
  items: readonly Item[] | null;
  busy: boolean;
  error: unknown;
  /** What is written and was not taken yet. */
  draft: string;
  write: (text: string) => void;
  load: () => void;
  say: (text: string) => void;
  decide: (id: string, approve: boolean) => void;
  stop: () => void;
  /** Begins anew: what was said is dropped for good. */
  drop: () => void;
}

type Work = (signal: AbortSignal, hear: (told: Told) => void) => Promise<void>;

/** The conversation with the assistant; it goes on while its drawer is closed. */
export function useAssistant(): Assistant {
  const { items, latest, show } = useItems();
  const [draft, write] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const under = useRef<AbortController | null>(null);
  const settling = useRef<Promise<void> | null>(null);
  const runs = useRef(0);

  /** What is shown becomes what is kept. */
  const settle = async (heard: ReadonlySet<string>, look: (items: readonly Item[]) => void) => {
    const kept = await settled(heard);
    if (kept !== null) show(kept);
    look(latest.current ?? []);
    settling.current = null;
  };
  /** One thing at a time. `look` is for what is kept, when it breaks off. */
  const run = async (work: Work, look: (items: readonly Item[]) => void = () => {}) => {
    if (under.current) return;
    const controller = new AbortController();
    under.current = controller;
    runs.current += 1;
    setBusy(true);
    setError(null);
    const heard = new Set<string>();
    const hear = (told: Told) => {
      if (told.event === "item") heard.add(told.data.id);
      show(continued(latest.current ?? [], told));
    };
    try {
      await settling.current;
      await work(controller.signal, hear);
    } catch (failure) {
      if (!controller.signal.aborted) setError(failure);
      if (heard.size > 0) show(stopped(latest.current ?? []));
      settling.current = settle(heard, look);
    } finally {
      under.current = null;
      setBusy(false);
    }
  };
  const load = async () => {
    if (under.current || settling.current) return;
    const asked = runs.current;
    const isLate = () => runs.current !== asked;
    try {
      const kept = await fetchItems();
      if (isLate()) return;
      show(kept);
      setError(null);
    } catch (failure) {
      // Where something is shown already it stays.
      if (!isLate() && latest.current === null) setError(failure);
    }
  };
  /** What is written goes when it is taken, and comes back when it was not. */
  const speak = (text: string) => {
    const known = new Set(latest.current?.map(({ id }) => id));
    const isThis = (item: Item) => item.kind === "person" && item.text === text && !known.has(item.id);
    const clear = () => write((written) => (written.trim() === text ? "" : written));
    const work: Work = (signal, hear) =>
      say(text, signal, (told) => {
        if (told.event === "item" && isThis(told.data)) clear();
        hear(told);
      });
    return run(work, (items) => {
      if (items.some(isThis)) clear();
      else write((written) => (written === "" ? text : written));
    });
  };
  return {
    items,
    busy,
    error,
    draft,
    write,
    load: () => void load(),
    say: (text) => void speak(text),
    decide: (id, approve) => void run((signal, hear) => decide(id, approve, signal, hear)),
    stop: () => under.current?.abort(),
    drop: () => void run(() => dropConversation().then(() => show([]))),
  };
}

/** What is shown; pages follow when something was done. */
function useItems() {
  const client = useQueryClient();
  const [items, setItems] = useState<readonly Item[] | null>(null);
  const latest = useRef<readonly Item[] | null>(null);
  const show = (next: readonly Item[]) => {
    if (latest.current !== null && isMoreDone(latest.current, next)) void client.invalidateQueries();
    latest.current = next;
    setItems(next);
  };
  return { items, latest, show };
}
