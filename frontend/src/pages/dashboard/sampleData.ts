import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";

/** Loading of the sample data, from the button to the last profile. */
export interface SampleLoading {
  /** `idle`: not begun. */
  state: "idle" | "asked" | "running" | "done";
  rows: number;
  applied: number;
  error: unknown;
  start: () => void;
}

const AGAIN_MS = 400;

/** Asks for the data, then follows its batches until every row is applied or refused. */
export function useSampleData(): SampleLoading {
  const client = useQueryClient();
  const asking = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/sample-data")),
    onSuccess: () => client.removeQueries({ queryKey: ["batch"] }),
  });
  const batches: Schemas["SampleBatch"][] = asking.data?.batches ?? [];
  const standings = useQueries({
    queries: batches.map(({ batch_id }) => ({
      queryKey: ["batch", batch_id],
      queryFn: () => answer(api.GET("/api/v1/batches/{batch_id}", { params: { path: { batch_id } } })),
      refetchInterval: ({ state }: { state: { data?: Schemas["BatchStatus"] } }) =>
        settled(state.data) >= (state.data?.accepted ?? Number.POSITIVE_INFINITY) ? false : AGAIN_MS,
    })),
  });
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  const applied = standings.reduce((sum, { data }) => sum + settled(data), 0);
  const failed = standings.find(({ error }) => error)?.error;
  return {
    state: asking.isPending ? "asked" : !asking.data ? "idle" : applied < rows ? "running" : "done",
    rows,
    applied: Math.min(applied, rows),
    error: asking.error ?? failed ?? null,
    start: () => asking.mutate(),
  };
}

function settled(batch: Schemas["BatchStatus"] | undefined): number {
  return (batch?.applied ?? 0) + (batch?.rejected ?? 0);
}
