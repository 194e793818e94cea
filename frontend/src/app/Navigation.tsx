import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useSession } from "@/api/session";
import { NAVIGATION, type NavigationItem } from "./navigation";
import classes from "./Shell.module.css";

const ADMIN_ONLY = new Set(["admin"]);

function Item({ item }: { item: NavigationItem }) {
  return (
    <li>
      <Link to={item.to} className={classes.item} activeOptions={{ exact: false, includeSearch: false }}>
        <item.icon size={17} stroke={1.7} aria-hidden />
        {item.label}
      </Link>
    </li>
  );
}

export function Navigation() {
  const role = useSession()?.person.role;
  const base = useId();
  const groups = NAVIGATION.map(({ heading, items }) => ({
    heading,
    items: items.filter((item) => !ADMIN_ONLY.has(item.role) || role === "admin"),
  }));
  return (
    <nav aria-label="Pages">
      {groups.map(({ heading, items }) => (
        <div key={heading ?? "first"}>
          {heading && (
            <div className={classes.group} style={{ marginBottom: 0 }} id={`${base}-${heading}`}>
              <div className={classes.heading}>{heading}</div>
            </div>
          )}
          <ul className={classes.group} aria-labelledby={heading ? `${base}-${heading}` : undefined}>
            {items.map((item) => (
              <Item key={item.to} item={item} />
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
