import { useEffect, useEffectEvent } from "react";
import { isUnderWay } from "./model";
import type { Assistant } from "./useAssistant";

const EVERY_MS = 2_000;

/** What is open is read anew when one comes back to it, and while something goes on that is not heard here. */
export function useKeptUp(opened: boolean, { items, busy, load }: Assistant): void {
  const again = useEffectEvent(load);
  useEffect(() => {
    if (!opened) return;
    again();
    const comeBack = () => {
      if (document.visibilityState === "visible") again();
    };
    document.addEventListener("visibilitychange", comeBack);
    return () => document.removeEventListener("visibilitychange", comeBack);
  }, [opened]);
  const goesOnElsewhere = opened && !busy && isUnderWay(items);
  useEffect(() => {
    if (!goesOnElsewhere) return;
    const timer = setInterval(() => again(), EVERY_MS);
    return () => clearInterval(timer);
  }, [goesOnElsewhere]);
}
