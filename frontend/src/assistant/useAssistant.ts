import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { continued, type Item, stopped, type Told } from "./model";
import { decide, dropConversation, fetchItems, say } from "./requests";

export interface Assistant {
  /** null until they are read. */
  items: readonly Item[] | null;
  busy: boolean;
  error: unknown;
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
  const client = useQueryClient();
  const [items, setItems] = useState<readonly Item[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const under = useRef<AbortController | null>(null);

  const hear = (told: Told) => {
    setItems((before) => continued(before ?? [], told));
    // Pages show what was just made.
    if (told.event === "item" && told.data.card?.state === "done") void client.invalidateQueries();
  };
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const run = (work: Work) => {
    if (under.current) return;
    const controller = new AbortController();
    under.current = controller;
    void attempt(async () => {
      try {
        await work(controller.signal, hear);
      } catch (failure) {
        if (!controller.signal.aborted) throw failure;
        setItems((before) => stopped(before ?? []));
      } finally {
        under.current = null;
      }
    });
  };
  const load = () => {
    if (under.current) return;
    setError(null);
    fetchItems().then(setItems, setError);
  };
  return {
    items,
    busy,
    error,
    load,
    say: (text) => run((signal, hear) => say(text, signal, hear)),
    decide: (id, approve) => run((signal, hear) => decide(id, approve, signal, hear)),
    stop: () => under.current?.abort(),
    drop: () =>
      void attempt(async () => {
        await dropConversation();
        setItems([]);
      }),
  };
}
