import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import classes from "./dashboard.module.css";

interface Props {
  link: Pick<LinkProps, "to" | "params">;
  name: string;
  under: ReactNode;
  right: ReactNode;
}

/** A row that leads somewhere: a name, a word on it, something on the right. */
export function ListRow({ link, name, under, right }: Props) {
  return (
    <li className={classes.row}>
      <div className={classes.rowText}>
        <Link {...link} className={classes.rowLink}>
          {name}
        </Link>
        <div className={classes.rowUnder}>{under}</div>
      </div>
      <div className={classes.rowRight}>{right}</div>
    </li>
  );
}
