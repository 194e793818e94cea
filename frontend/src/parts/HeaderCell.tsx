import { UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { Column, Sorting } from "./DataTable";
import classes from "./DataTable.module.css";

interface Props<Row> {
  column: Column<Row>;
  sort?: Sorting;
  onSort?: (sort: Sorting) => void;
}

export function HeaderCell<Row>({ column, sort, onSort }: Props<Row>) {
  const sorted = sort?.key === column.key ? sort : undefined;
  const direction = sorted && (sorted.descending ? "descending" : "ascending");
  const quiet = column.quiet || column.header === "";
  const Icon = sorted?.descending ? IconArrowDown : IconArrowUp;
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: see DataTable
    <div role="columnheader" className={classes.headerCell} data-align={column.align} aria-sort={direction}>
      {column.sortable && onSort ? (
        <UnstyledButton
          className={classes.sort}
          onClick={() => onSort({ key: column.key, descending: sorted ? !sorted.descending : true })}
        >
          {column.header}
          <Icon size={13} className={classes.arrow} data-on={sorted !== undefined || undefined} aria-hidden />
        </UnstyledButton>
      ) : (
        <span className={quiet ? "visually-hidden" : undefined}>{column.header || "Actions"}</span>
      )}
    </div>
  );
}
