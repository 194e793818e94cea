import type { CSSProperties } from "react";
import { count } from "@/words/numbers";
import type { Counters } from "./model";
import classes from "./ProgressBar.module.css";
import { handled, parts, percentDone } from "./progress";

interface Props {
  counters: Counters;
  /** What it is the progress of. */
  label: string;
  height?: number;
}

/** The audience as a line: each state its own colour. */
export function ProgressBar({ counters, label, height = 6 }: Props) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percentDone(counters)}
      aria-valuetext={`${count(handled(counters))} of ${count(counters.audience)} handled`}
      className={classes.bar}
      style={{ "--bar-height": `${height}px` } as CSSProperties}
    >
      {parts(counters)
        .filter(({ value }) => value > 0)
        .map(({ state, value }) => (
          <span
            key={state}
            className={classes.part}
            data-state={state}
            style={{ flexGrow: value, flexBasis: 0 }}
          />
        ))}
    </div>
  );
}

/** The colour of a state in the bar. */
export function StateDot({ state }: { state: string }) {
  return <span className={classes.dot} data-state={state} aria-hidden />;
}
