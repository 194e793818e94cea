import type { CSSProperties, ReactNode } from "react";
import classes from "./BarList.module.css";

export interface Bar {
  key: string;
  label: ReactNode;
  value: ReactNode;
  /** After the value, dimmed. */
  aside?: ReactNode;
  /** Of the longest bar there could be, in percent. */
  share: number;
  note?: ReactNode;
  tone?: "good" | "bad";
}

/** Numbers beside one another as bars. */
export function BarList({ bars, label }: { bars: Bar[]; label: string }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.key}>
          <div className={classes.head}>
            <span className={classes.label}>{bar.label}</span>
            <span className={classes.value}>
              {bar.value}
              {bar.aside !== undefined && <span className={classes.aside}>{bar.aside}</span>}
            </span>
          </div>
          <div className={classes.track} aria-hidden>
            <div
              className={classes.bar}
              data-tone={bar.tone}
              data-none={bar.share <= 0 || undefined}
              style={{ "--share": `${Math.min(bar.share, 100)}%` } as CSSProperties}
            />
          </div>
          {bar.note !== undefined && <div className={classes.note}>{bar.note}</div>}
        </li>
      ))}
    </ul>
  );
}
