import { Tooltip } from "@mantine/core";
import type { LiveState } from "@/api/live";
import classes from "./LiveDot.module.css";

const WORDS = { live: "Live", waiting: "Reconnecting…" };

/** Whether what is shown follows along by itself. */
export function LiveDot({ state }: { state: LiveState }) {
  if (state !== "live" && state !== "waiting") return null;
  return (
    <Tooltip
      label={
        state === "live"
          ? "Changes show as they happen"
          : "The connection is lost; it is tried again by itself"
      }
    >
      <span className={classes.dot} data-state={state} role="status">
        {WORDS[state]}
      </span>
    </Tooltip>
  );
}
