import { type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import type { Item } from "./model";

const NEAR_PX = 40;

interface Following {
  log: RefObject<HTMLDivElement | null>;
  /** Whether what comes stays in sight. */
  follows: boolean;
  onScroll: () => void;
  toEnd: () => void;
}

/** What is said last stays in sight, unless the reader has gone up: then the place they read at does. */
export function useFollowing(items: readonly Item[] | null, busy: boolean): Following {
  const log = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  const following = useRef(true);
  const [follows, setFollows] = useState(true);

  const follow = (whether: boolean) => {
    following.current = whether;
    setFollows(whether);
  };
  const toEnd = () => {
    if (!log.current) return;
    log.current.scrollTop = log.current.scrollHeight;
    top.current = log.current.scrollTop;
    follow(true);
  };
  const onScroll = () => {
    if (!log.current) return;
    const { scrollTop, scrollHeight, clientHeight } = log.current;
    const below = scrollHeight - scrollTop - clientHeight;
    const wentUp = scrollTop < top.current;
    top.current = scrollTop;
    follow(below <= 1 || (!wentUp && (following.current || below < NEAR_PX)));
  };
  const stay = useEffectEvent(() => following.current && toEnd());
  const said = items?.findLast(({ kind }) => kind === "person")?.id;
  const before = useRef(said);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever there is more
  useLayoutEffect(() => {
    // Who says something here goes on at the end.
    if (busy && said !== before.current) toEnd();
    else stay();
    before.current = said;
  }, [items, busy]);
  useEffect(() => {
    const sizes = new ResizeObserver(() => stay());
    if (log.current) sizes.observe(log.current);
    return () => sizes.disconnect();
  }, []);
  return { log, follows, onScroll, toEnd };
}
