import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { answer, api } from "@/api/client";
import type { Picked } from "@/rules/CustomerPicker";
import type { Segment } from "@/rules/segments";

export interface Why {
  customer: Picked | null;
  choose: (customer: Picked | null) => void;
}

/** Whose verdict is shown: somebody chosen here, at first the one that the address names. */
export function useWhy(segment: Segment | null): Why {
  const asked = useSearch({ strict: false, select: (search: { why?: string }) => search.why });
  const [chosen, choose] = useState<Picked | null | undefined>(undefined);
  const named = useQuery({
    queryKey: ["customers", "one", asked],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/profiles/{customer_id}", { params: { path: { customer_id: asked ?? "" } }, signal }),
      ),
    enabled: segment !== null && asked !== undefined && chosen === undefined,
    retry: false,
  });
  return { customer: chosen === undefined ? (named.data ?? null) : chosen, choose };
}
