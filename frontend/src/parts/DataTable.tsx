import { Button, Center, Loader, Skeleton } from "@mantine/core";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import classes from "./DataTable.module.css";
import { HeaderCell } from "./HeaderCell";
import { ProblemAlert } from "./ProblemAlert";
import type { Keyset } from "./useKeyset";
import { useWidth } from "./useWidth";

export interface Column<Row> {
  key: string;
  header: string;
  /** The header is for screen readers only: of a column of buttons. */
  quiet?: boolean;
  /** Put a link into the first column with `className={rowLink}`: then the whole row leads there. */
  cell: (row: Row) => ReactNode;
  /** As in grid-template-columns: "120px", "minmax(160px, 2fr)". */
  width: string;
  align?: "right";
  /** Left out where the table is narrower than so many pixels. */
  from?: number;
  /** Only where it is: what stands in several columns otherwise. */
  until?: number;
  /** Sorting by this column is offered. */
  sortable?: boolean;
}

export interface Sorting {
  key: string;
  descending: boolean;
}

interface Props<Row> {
  /** What it lists, for screen readers. */
  label: string;
  columns: Column<Row>[];
  list: Keyset<Row>;
  rowKey: (row: Row) => string;
  sort?: Sorting;
  onSort?: (sort: Sorting) => void;
  /** Instead of the table when there are no rows: an <EmptyState>. */
  empty: ReactNode;
  rowHeight?: number;
  /** Where the table is narrower than so many pixels rows are that high. */
  narrow?: { until: number; rowHeight: number };
  /** Rows not to be shown: of `useUndoableDelete`. */
  hidden?: ReadonlySet<string>;
}

/** For the link of a row. */
export const rowLink = classes.rowLink;
/** For buttons within a row whose whole is a link. */
export const rowAction = classes.rowAction;

const WAITING_ROWS = [1, 2, 3, 4, 5, 6, 7, 8];

/** A list of any length: only what is on the screen is drawn, and more is loaded ahead of the end. */
export function DataTable<Row>(props: Props<Row>) {
  const { label, list, rowKey, sort, onSort, empty, narrow, hidden } = props;
  const [sizeRef, width] = useWidth();
  const wide = width ?? Number.POSITIVE_INFINITY;
  const columns = props.columns.filter(
    ({ from, until }) => (from === undefined || wide >= from) && (until === undefined || wide < until),
  );
  const rowHeight = narrow && wide < narrow.until ? narrow.rowHeight : (props.rowHeight ?? 48);
  const rows = hidden?.size ? list.rows.filter((row) => !hidden.has(rowKey(row))) : list.rows;
  const bodyRef = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measured = bodyRef.current?.getBoundingClientRect().top;
    if (measured !== undefined) setTop(measured + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are remembered, those of another height too
  useLayoutEffect(() => virtual.measure(), [rowHeight]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { more, loadingMore } = list;
  useEffect(() => {
    if (more && !loadingMore && rows.length > 0 && last >= rows.length - 20) more();
  }, [more, loadingMore, last, rows.length]);

  if (list.error && rows.length === 0) return <ProblemAlert error={list.error} retry={list.retry} />;
  if (!list.loading && rows.length === 0 && !more) return empty;
  const template = { gridTemplateColumns: columns.map((column) => column.width).join(" ") };
  return (
    <div className={classes.frame} ref={sizeRef}>
      {/* biome-ignore-start lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: rows are placed freely, which a table element does not allow; the cells' own controls take the focus */}
      <div
        role="table"
        aria-label={label}
        aria-rowcount={more ? -1 : rows.length + 1}
        aria-busy={list.loading}
      >
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.row} style={template}>
            {columns.map((column) => (
              <HeaderCell key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          ref={bodyRef}
          className={classes.body}
          data-stale={list.stale || undefined}
          style={{ height: list.loading ? undefined : virtual.getTotalSize() }}
        >
          {list.loading
            ? WAITING_ROWS.map((row) => (
                <div key={row} className={classes.row} style={{ ...template, height: rowHeight }} aria-hidden>
                  {columns.map((column) => (
                    <div key={column.key} className={classes.cell}>
                      <Skeleton h={12} w={`${45 + ((row * 17) % 40)}%`} />
                    </div>
                  ))}
                </div>
              ))
            : items.map((item) => {
                const row = rows[item.index];
                if (row === undefined) return null;
                const offset = item.start - virtual.options.scrollMargin;
                return (
                  <div
                    role="row"
                    key={item.key}
                    aria-rowindex={item.index + 2}
                    className={`${classes.row} ${classes.placed}`}
                    style={{ ...template, height: rowHeight, transform: `translateY(${offset}px)` }}
                  >
                    {columns.map((column) => (
                      <div key={column.key} role="cell" className={classes.cell} data-align={column.align}>
                        {column.cell(row)}
                      </div>
                    ))}
                  </div>
                );
              })}
        </div>
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: see above */}
      {more && !list.loading && (
        <Center py="sm">
          {loadingMore ? (
            <Loader size="sm" aria-label="Loading more" />
          ) : (
            <Button variant="subtle" size="xs" onClick={more}>
              Load more
            </Button>
          )}
        </Center>
      )}
    </div>
  );
}
