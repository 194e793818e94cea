import type { IconUsers } from "@tabler/icons-react";
import { useEffect, useSyncExternalStore } from "react";

/** Something the palette offers. */
export interface Command {
  id: string;
  label: string;
  description?: string;
  icon?: typeof IconUsers;
  keywords?: string[];
  run: () => void;
}

let offered: readonly Command[] = [];
const watchers = new Set<() => void>();

function offer(next: readonly Command[]) {
  offered = next;
  for (const act of watchers) act();
}

/** Commands of the page that is shown; give a memoised list. They come first in the palette. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    offer([...offered, ...commands]);
    return () => offer(offered.filter((command) => !commands.includes(command)));
  }, [commands]);
}

function watch(act: () => void): () => void {
  watchers.add(act);
  return () => watchers.delete(act);
}

export function useOfferedCommands(): readonly Command[] {
  return useSyncExternalStore(watch, () => offered);
}
