import { keepPreviousData, type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

interface Page<Row> {
  items: Row[];
  next_cursor?: string | null;
}

export interface Keyset<Row> {
  rows: Row[];
  /** The first page is on its way. */
  loading: boolean;
  /** Rows of an earlier question are shown until those of the new one are there. */
  stale: boolean;
  error: unknown;
  retry: () => void;
  /** Loads the next page; null when there is none. */
  more: (() => void) | null;
  loadingMore: boolean;
}

/** A list of the API, page after page. */
export function useKeyset<Row>(
  queryKey: QueryKey,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Row>>,
): Keyset<Row> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return {
    rows,
    loading: query.isPending,
    stale: query.isPlaceholderData,
    error: query.error,
    retry: () => query.refetch(),
    more: hasNextPage ? () => !isFetchingNextPage && fetchNextPage() : null,
    loadingMore: isFetchingNextPage,
  };
}
