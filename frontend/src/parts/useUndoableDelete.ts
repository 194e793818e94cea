import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { Removals, UNDO_MS } from "./removals";
import { showProblem, showUndo } from "./toasts";

interface Choices {
  /** The request; ids are what `remove` was called with. */
  send: (id: string) => Promise<unknown>;
  /** Queries that are wrong once it is gone. */
  changes: QueryKey[];
  /** What the toast says was done. */
  done?: string;
}

export interface UndoableDelete {
  /** Rows that are not to be shown any more. */
  hidden: ReadonlySet<string>;
  /** `name` is what the toast says: `Segment “Lapsed” deleted`. */
  remove: (id: string, name: string) => void;
}

/** Hides at once and offers Undo; the request goes out after six seconds or when the page is left. */
export function useUndoableDelete({ send, changes, done = "deleted" }: Choices): UndoableDelete {
  const client = useQueryClient();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const newest = useRef({ send, changes });
  newest.current = { send, changes };
  const removals = useRef<Removals>(null);
  removals.current ??= new Removals();

  const show = useCallback((id: string) => {
    setHidden((ids) => new Set([...ids].filter((each) => each !== id)));
  }, []);

  const sendNow = useCallback(
    async (id: string) => {
      const { send, changes } = newest.current;
      try {
        await send(id);
      } catch (error) {
        show(id);
        showProblem(error);
      }
      for (const queryKey of changes) client.invalidateQueries({ queryKey });
    },
    [client, show],
  );

  const remove = useCallback(
    (id: string, name: string) => {
      setHidden((ids) => new Set(ids).add(id));
      removals.current?.add(id, () => sendNow(id));
      showUndo(`${name} ${done}`, UNDO_MS, () => removals.current?.undo(id) && show(id));
    },
    [sendNow, show, done],
  );

  useEffect(() => {
    const flush = () => removals.current?.flush();
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, []);

  return { hidden, remove };
}
