import { type Item, isUnderWay } from "./model";
import { fetchItems } from "./requests";

const WAITS_MS = [50, 200, 500, 1_000, 2_000];

/** What is kept of a conversation that was broken off, once it has what was `heard`; null if it cannot be read. */
export async function settled(heard: ReadonlySet<string>): Promise<Item[] | null> {
  let kept: Item[] | null = null;
  for (const wait of WAITS_MS) {
    await new Promise((goOn) => setTimeout(goOn, wait));
    kept = await fetchItems().catch(() => kept);
    if (kept !== null && isSettled(kept, heard)) break;
  }
  return kept;
}

function isSettled(kept: readonly Item[], heard: ReadonlySet<string>): boolean {
  const ids = new Set(kept.map(({ id }) => id));
  return !isUnderWay(kept) && [...heard].every((id) => ids.has(id));
}
